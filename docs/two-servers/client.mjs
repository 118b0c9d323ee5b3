// Talks to the service as a frontend does: fetch for queries and mutations, the stock graphql-ws client for
// subscriptions.
//
// Never tries anything again by itself: what the stock client does when it is put out is part of what is shown.

import { createRequire } from 'node:module';
import { DEADLINE_MS, Broken, must } from './table.mjs';

const installed = createRequire(new URL('../../tests/node/package.json', import.meta.url));
const { createClient } = installed('graphql-ws');
const WebSocket = installed('ws');

const USER_ERROR = `__typename code message field
  ... on MembershipBlocked { contact { text email } } ... on BlockedRequiresAdmin { blockedAt }`;

/** One of the two servers. */
export class Server {
  constructor(name, url) {
    this.name = name;
    this.url = url;
  }

  /** The answer, when it was asked for, and when it began to arrive. */
  async ask(token, query, variables = {}) {
    const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
    if (token) headers.authorization = `Bearer ${token}`;
    const request = { method: 'POST', headers, body: JSON.stringify({ query, variables }) };
    const begunAt = performance.now();
    const response = await fetch(`${this.url}/graphql`, { ...request, signal: AbortSignal.timeout(DEADLINE_MS) });
    const answeredAt = performance.now();
    return { begunAt, answeredAt, took: answeredAt - begunAt, ...(await response.json()) };
  }

  async data(token, query, variables) {
    const answer = await this.ask(token, query, variables);
    must(!answer.errors, `a query is answered: ${query}`, answer.errors);
    return answer.data;
  }

  /** A mutation's payload, whether it did anything or was refused. */
  async mutate(token, name, input, selection) {
    const type = `${name[0].toUpperCase()}${name.slice(1)}Input!`;
    const fields = `${selection} userErrors { ${USER_ERROR} }`;
    const document = `mutation($input: ${type}) { ${name}(input: $input) { ${fields} } }`;
    const { data, errors, ...times } = await this.ask(token, document, { input });
    must(!errors, `${name} is answered`, errors);
    return { ...times, ...data[name] };
  }

  /** A mutation that must do what it says. */
  async done(token, name, input, selection) {
    const payload = await this.mutate(token, name, input, selection);
    must(payload.userErrors.length === 0, `${name} is done`, payload.userErrors);
    return payload;
  }

  /** Is it able to serve? */
  async ready() {
    return (await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(DEADLINE_MS) })).ok;
  }

  /** A figure of `/metrics`. */
  async figure(name) {
    const response = await fetch(`${this.url}/metrics`, { signal: AbortSignal.timeout(DEADLINE_MS) });
    const line = (await response.text()).split('\n').find((line) => line.startsWith(`${name} `));
    return line && Number(line.slice(name.length + 1));
  }
}

/** Why a request was refused as a whole: nothing if it was let in. */
export function refusal(answer) {
  const extensions = answer.errors?.[0]?.extensions;
  return extensions && { code: extensions.code, ...extensions.sessionEnd };
}

const EVENT = '__typename id eventCursor actor { kind id }';
const MEMBER = 'member { id status displayStatus revision }';
const MEMBERSHIP = 'membership { id workspaceId status displayStatus revision }';
const SUBSCRIPTIONS = {
  sessionEvents: `subscription { sessionEvents {
    __typename ... on SessionEnded { cause message contact { text email } } } }`,
  workspaceEvents: `subscription($after: EventCursor) { workspaceEvents(after: $after) { ${EVENT}
    ... on MemberBlocked { ${MEMBER} category } ... on MemberUnblocked { ${MEMBER} category }
    ... on RefusedAttemptRecorded { ${MEMBER} action } ... on AssetRegistered { assetId } } }`,
  viewerEvents: `subscription($after: EventCursor) { viewerEvents(after: $after) { ${EVENT}
    ... on ViewerMembershipBlocked { ${MEMBERSHIP} }
    ... on ViewerMembershipUnblocked { ${MEMBERSHIP} } } }`,
};

/** An open window of somebody's: one socket of the stock client, and a record of all that it lived through. */
export class Window {
  record = [];
  #waiting = new Set();
  #socket;

  constructor(name, server, token) {
    Object.assign(this, { name, server });
    this.client = createClient({
      url: `${server.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      lazy: false,
      connectionParams: { authorization: `Bearer ${token}` },
      onNonLazyError: (problem) => this.#note({ type: 'stopped', code: problem?.code }),
      on: {
        connecting: () => this.#note({ type: 'connecting' }),
        connected: (socket) => ((this.#socket = socket), this.#note({ type: 'connected' })),
        closed: ({ code, reason }) => this.#note({ type: 'closed', code, reason }),
      },
    });
  }

  /** Listens, from now on or after a cursor; a reconnect goes on after the last event that arrived. */
  listen(root, after) {
    const variables = root === 'sessionEvents' ? {} : { after };
    this.client.subscribe({ query: SUBSCRIPTIONS[root], variables }, {
      next: ({ data, errors }) => {
        const event = data?.[root];
        if (event?.eventCursor) variables.after = event.eventCursor;
        this.#note({ type: 'event', root, event, errors });
      },
      error: (problem) => this.#note({ type: 'error', root, problem }),
      complete: () => this.#note({ type: 'complete', root }),
    });
    return this;
  }

  /** Returns when the server has taken up what this window asked for before: it answers in order. */
  async ready() {
    await new Promise((resolve, reject) => {
      const error = (problem) => reject(new Broken(JSON.stringify(problem)));
      this.client.subscribe({ query: '{ viewer { __typename } }' }, { next: () => {}, error, complete: resolve });
    });
    return this;
  }

  /** The first entry of the record, from `from` on, that fits; waits for it. */
  until(fits, what, from = 0) {
    const found = this.record.slice(from).find(fits);
    if (found) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        const last = JSON.stringify(this.record.slice(-5), null, 2);
        reject(new Broken(`${this.name} on ${this.server.name} waits for ${what}; it has ${last}`));
      }, DEADLINE_MS);
      this.#waiting.add({ fits, resolve: (entry) => (clearTimeout(late), resolve(entry)) });
    });
  }

  event(type, fits = () => true, from = 0) {
    return this.until(({ event }) => event?.__typename === type && fits(event), type, from);
  }

  events(root) {
    return this.record.filter((entry) => entry.type === 'event' && entry.root === root).map(({ event }) => event);
  }

  count(type) {
    return this.record.filter((entry) => entry.type === type).length;
  }

  /** Pulls the cable: what a lost network looks like to the client. */
  cut() {
    this.#socket.terminate();
  }

  close() {
    this.client.dispose();
  }

  #note(entry) {
    entry.at = performance.now();
    this.record.push(entry);
    for (const waiter of this.#waiting) {
      if (!waiter.fits(entry)) continue;
      this.#waiting.delete(waiter);
      waiter.resolve(entry);
    }
  }
}
