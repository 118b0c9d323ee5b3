// Redis is killed and started again: slower in between, never wrong, nothing lost.

import { block, refusedEverywhere, tellForcedOut, unblock } from './blocking.mjs';
import { Window } from './client.mjs';
import { ms, promise, row, rows, since, until } from './table.mjs';

/** Ada registers an asset on server 1; how long after the answer it shows in the window on server 2. */
async function passes({ ada, servers: [s1] }, window, name) {
  const input = { kind: 'boat', externalId: name, name };
  const { asset, answeredAt, took } = await s1.done(ada.key, 'registerAsset', input, 'asset { id }');
  const { at } = await window.event('AssetRegistered', ({ assetId }) => assetId === asset.id);
  rows([
    ['Ada', s1, `registerAsset("${name}"), answered in ${ms(took)}`, answeredAt],
    [window.name, window.server, `receives AssetRegistered, ${since(at - answeredAt)}`, at],
  ]);
}

export async function withoutRedis(cast) {
  const { stage, servers, adas } = cast;
  const figures = (name) => Promise.all(servers.map((server) => server.figure(`rollcall_bus_${name}`)));
  await passes(cast, adas[1], 'With Redis');
  await stage.stopRedis();
  row('the operator', undefined, 'kills Redis; its port refuses connections');
  await passes(cast, adas[1], 'Without Redis');
  await blockedWithoutRedis(cast);
  await resumes(cast);
  const ready = await Promise.all(servers.map((server) => server.ready()));
  promise(ready.every(Boolean), 'both servers say on /readyz that they can serve', ready);
  const before = await figures('subscriptions_total');
  await stage.startRedis();
  row('the operator', undefined, 'starts Redis again, empty');
  await until(async () => {
    const [healthy, now] = [await figures('healthy'), await figures('subscriptions_total')];
    return healthy.every((it) => it === 1) && now.every((it, at) => it > before[at]);
  }, 'both servers subscribing to Redis again');
  row('both servers', undefined, 'have subscribed again (/metrics)');
  await passes(cast, adas[1], 'With Redis again');
}

/** The guarantee doesn't lean on Redis. */
async function blockedWithoutRedis({ ada, ben, harbour, putOut, servers: [s1, s2] }) {
  const window = await ben.open(s2, harbour, "Ben's window D");
  putOut.push(window);
  const answer = await block(s1, ada.key, ben.memberId);
  const refused = refusedEverywhere([s1, s2], [window.token]);
  await tellForcedOut({ who: 'Ada', server: s1, what: 'blockMember(Ben)', answer }, [window], ada.email);
  await refused;
  promise(true, 'without Redis, too, both servers refuse each request from the answer on');
  await unblock(s1, ada.key, ben.memberId);
  row('Ada', s1, 'unblockMember(Ben)');
}

/** A window that loses its network meanwhile goes on where it was. */
async function resumes(cast) {
  const { adas: [, window], servers: [, s2] } = cast;
  const connections = window.count('connected');
  window.cut();
  row(window.name, s2, 'loses its network: the socket is cut without a word');
  const input = { kind: 'boat', externalId: 'unseen', name: 'While it was away' };
  const { asset } = await cast.servers[0].done(cast.ada.key, 'registerAsset', input, 'asset { id }');
  row('Ada', cast.servers[0], 'registerAsset("While it was away")');
  await window.event('AssetRegistered', ({ assetId }) => assetId === asset.id);
  const again = window.count('connected') - connections;
  row(window.name, s2, `connects again by itself (${again} time) and receives what it missed`);
}

/** What the live windows have is what the journal has: the same events, in the same order, each once. */
export async function nothingLost({ adas, ada, harbour, servers }) {
  const { asset } = await servers[1].done(
    ada.key, 'registerAsset', { kind: 'boat', externalId: 'last', name: 'The last' }, 'asset { id }');
  const isLast = ({ assetId }) => assetId === asset.id;
  for (const window of adas) await window.event('AssetRegistered', isLast);
  for (const server of servers) {
    const replay = new Window('a replay', server, ada.key).listen('workspaceEvents', harbour.start);
    await replay.event('AssetRegistered', isLast);
    const journal = replay.events('workspaceEvents').map(({ id }) => id);
    replay.close();
    for (const window of adas) {
      const seen = window.events('workspaceEvents').map(({ id }) => id);
      const same = seen.length === journal.length && seen.every((id, at) => id === journal[at]);
      const what = `${window.name} has the ${journal.length} events that ${server.name} replays, in order, each once`;
      promise(same && new Set(seen).size === seen.length, what, { journal: journal.length, seen: seen.length });
    }
  }
}
