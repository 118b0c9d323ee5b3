// The stock graphql-ws client, left as it comes, subscribing as an application would; what it
// lives through goes to standard output, one JSON object a line, so that a test can follow it.
//
//   node graphql_ws_client.mjs URL TOKEN DOCUMENT [--variables JSON] [--cursor-variable NAME]
//                              [--retry-wait-ms N]
//
// An empty TOKEN sends no credentials. With --cursor-variable each `eventCursor` that arrives
// becomes that variable, so that a reconnect resumes after it.
//
//   {"type":"connecting","retry":false}   {"type":"connected","retry":false}
//   {"type":"message","payload":{…}}      {"type":"complete"}
//   {"type":"closed","code":4401,"reason":"…"}
//   {"type":"error","message":"…"}        the subscription or the connection failed
//   {"type":"stopped","code":4401}        the client has given up: it will not connect again
//
// It decides by itself whether to try again; this file never does, nor sends anything of its own.
// It ends when the client has stopped, or when standard input closes.

import { parseArgs } from 'node:util';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    variables: { type: 'string', default: '{}' },
    'cursor-variable': { type: 'string' },
    'retry-wait-ms': { type: 'string' },
  },
});
const [url, token, query] = positionals;
if (!query) {
  console.error('usage: graphql_ws_client.mjs URL TOKEN DOCUMENT [--variables JSON] [--cursor-variable NAME] [--retry-wait-ms N]');
  process.exit(2);
}

const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const cause = (problem) =>
  Array.isArray(problem)
    ? { message: problem.map((error) => error.message).join('; '), errors: problem }
    : { code: problem?.code, message: problem?.reason || problem?.message || String(problem) };

// The first wait of the client is 1.3 to 4 seconds; a test that only asks *whether* it tries
// again need not sit through it.
const waitMs = values['retry-wait-ms'];
const retryWait = waitMs && { retryWait: () => new Promise((resolve) => setTimeout(resolve, Number(waitMs))) };

const client = createClient({
  url,
  webSocketImpl: WebSocket,
  lazy: false,
  connectionParams: token ? { authorization: `Bearer ${token}` } : undefined,
  ...retryWait,
  onNonLazyError: (problem) => {
    tell({ type: 'stopped', ...cause(problem) });
    process.stdin.destroy();
  },
  on: {
    connecting: (retry) => tell({ type: 'connecting', retry }),
    connected: (_socket, _payload, retry) => tell({ type: 'connected', retry }),
    closed: ({ code, reason }) => tell({ type: 'closed', code, reason }),
    error: (problem) => tell({ type: 'error', ...cause(problem) }),
  },
});

const variables = JSON.parse(values.variables);
const cursorOf = (payload) => Object.values(payload.data ?? {})[0]?.eventCursor;

// The client reads the variables anew at each subscribe, so changing them in place resumes there.
client.subscribe(
  { query, variables },
  {
    next: (payload) => {
      const cursor = cursorOf(payload);
      if (values['cursor-variable'] && cursor) variables[values['cursor-variable']] = cursor;
      tell({ type: 'message', payload });
    },
    error: (problem) => tell({ type: 'error', ...cause(problem) }),
    complete: () => tell({ type: 'complete' }),
  },
);

process.stdin.resume().on('end', () => process.exit(0));
