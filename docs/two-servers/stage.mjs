// PostgreSQL, Redis and two Rollcall servers, on free ports, in temporary folders.
//
// Nothing outlives this process: each server hangs on a pipe from here (tests/support/guarded.sh), which the system
// closes however the process ends. PostgreSQL refuses to run as root, so root starts it as another user.

import { execFile, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Server } from './client.mjs';
import { until } from './table.mjs';

const { POSTGRES_FOLDER, REDIS_SERVER, ROLLCALL_BIN } = process.env;
const GUARD = readFileSync(new URL('../../tests/support/guarded.sh', import.meta.url), 'utf8');
const run = promisify(execFile);

// What the caller's environment says of another Rollcall or database is not for these.
const FOREIGN = /^(ROLLCALL_|PG|RUST_BACKTRACE$)/;
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name)));

const PREPARE_AND_SERVE = `
  "$1/initdb" -D "$2" -U rollcall -A trust --locale=C.UTF-8 --encoding=UTF8 --no-sync --no-instructions &&
  exec "$1/postgres" -D "$2" -p "$3" -h 127.0.0.1 -k ''`;

/** A running program and its folder; both are gone when it has been stopped. */
class Guarded {
  constructor(command, { signal, user }) {
    this.folder = mkdtempSync(join(tmpdir(), 'rollcall-two-servers-'));
    if (user) chownSync(this.folder, user.uid, user.gid);
    const script = ['-c', GUARD, 'guarded', this.folder, signal, ...command(this.folder)];
    const stdio = ['pipe', 'ignore', 'pipe'];
    // A group of its own: Ctrl-C reaches this process alone, which then takes leave of all of them.
    this.shell = spawn('sh', script, { cwd: '/', detached: true, stdio, env: environment, ...user });
    this.ended = new Promise((resolve) => this.shell.once('exit', resolve));
    this.lastWords = '';
    this.shell.stderr.on('data', (text) => (this.lastWords += text));
    this.shell.stdin.on('error', () => {});
  }

  log() {
    const file = join(this.folder, 'log');
    return existsSync(file) ? readFileSync(file, 'utf8') : this.lastWords;
  }

  async ready(look, what) {
    return until(() => {
      if (this.shell.exitCode !== null) throw new Error(`${what} did not start:\n${this.lastWords}`);
      return look();
    }, what);
  }

  async stop() {
    this.shell.stdin.end();
    await this.ended;
  }
}

/** Everything that runs. */
export class Stage {
  guarded = [];

  async open() {
    const postgres = await this.#postgres();
    this.database = `postgres://rollcall@127.0.0.1:${postgres}/postgres`;
    this.redisPort = await freePort();
    await this.startRedis();
    this.servers = [await this.#server(1), await this.#server(2)];
  }

  async #postgres() {
    const port = await freePort();
    const user = process.getuid() === 0 ? account('postgres') ?? account('nobody') : undefined;
    const command = (folder) =>
      ['sh', '-c', PREPARE_AND_SERVE, 'postgres', POSTGRES_FOLDER, join(folder, 'db'), String(port)];
    const server = this.#guard(command, { signal: 'QUIT', user });
    const pidFile = join(server.folder, 'db/postmaster.pid');
    await server.ready(() => existsSync(pidFile) && /ready\s*$/.test(readFileSync(pidFile, 'utf8')), 'PostgreSQL');
    return port;
  }

  async startRedis() {
    const settings = ['--port', this.redisPort, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir'];
    this.redis = this.#guard((folder) => [REDIS_SERVER, ...settings.map(String), folder], { signal: 'KILL' });
    await this.redis.ready(() => listens(this.redisPort), 'Redis');
  }

  /** Kills it; when this returns, its port refuses connections. */
  async stopRedis() {
    await this.redis.stop();
  }

  async #server(number) {
    const redis = `redis://127.0.0.1:${this.redisPort}`;
    const settings = ['--database-url', this.database, '--redis-url', redis, '--log-format', 'json'];
    const command = () => [ROLLCALL_BIN, 'serve', '--listen', '127.0.0.1:0', ...settings];
    const server = this.#guard(command, { signal: 'TERM' });
    const address = await server.ready(() => addressIn(server.log()), `server ${number}`);
    return new Server(`s${number}`, address);
  }

  #guard(command, how) {
    const guarded = new Guarded(command, how);
    this.guarded.push(guarded);
    return guarded;
  }

  /** The mails to an address, oldest first, as the operator reads them. */
  async mails(to) {
    const command = ['mailbox', '--json', '--to', to, '--database-url', this.database];
    const { stdout } = await run(ROLLCALL_BIN, command, { env: environment });
    return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }

  /** What runs here, for the head of the table. */
  async versions() {
    const first = async (program, argument) => (await run(program, [argument])).stdout.split('\n')[0];
    const redis = /v=(\S+)/.exec(await first(REDIS_SERVER, '--version'))[1];
    const postgres = /[\d.]+/.exec(await first(join(POSTGRES_FOLDER, 'postgres'), '--version'))[0];
    const build = dirname(ROLLCALL_BIN).split('/').pop();
    return { rollcall: `${await first(ROLLCALL_BIN, '--version')} (${build} build)`, postgres, redis };
  }

  /** The last lines of each Rollcall server, for a run that broke off. */
  logs() {
    const servers = this.guarded.filter(({ shell }) => shell.spawnargs.includes(ROLLCALL_BIN));
    return servers.map((server) => server.log().split('\n').slice(-20).join('\n'));
  }

  /** The servers first, so that they don't complain of what they miss. */
  async close() {
    for (const server of [...this.guarded].reverse()) await server.stop();
  }
}

function addressIn(log) {
  const listening = log.split('\n').filter((line) => line.includes('"listening"'));
  return listening.length > 0 ? `http://${JSON.parse(listening[0]).fields.address}` : undefined;
}

function account(name) {
  const line = readFileSync('/etc/passwd', 'utf8').split('\n').find((line) => line.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return line && { uid: Number(uid), gid: Number(gid) };
}

/** Below the ports of outgoing connections: a client that tries to reach a stopped server could get one of those. */
async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const probe = createServer();
    const free = await new Promise((resolve) => {
      probe.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    await new Promise((resolve) => probe.close(resolve));
    if (free) return port;
  }
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const tell = (answer) => (socket.destroy(), resolve(answer));
    socket.once('connect', () => tell(true)).once('error', () => tell(false));
  });
}
