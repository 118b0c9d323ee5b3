// The walk: two servers, three people, one block, and what each of them sees of it (README.md here).
//
// Never looks behind the public API, the mails, /readyz and /metrics, and ends with 1 at the first promise not kept.

import { cpus } from 'node:os';
import {
  Flood, block, entranceRefused, flowing, forcedOut, refusedEverywhere, tellForcedOut, unblock,
} from './blocking.mjs';
import { Window } from './client.mjs';
import { nothingLost, withoutRedis } from './outage.mjs';
import { gather } from './people.mjs';
import { Stage } from './stage.mjs';
import { Broken, head, ms, promise, row, since, spread } from './table.mjs';

const ROUNDS = 20;
const stage = new Stage();

async function openWindows(cast) {
  const { ada, ben, cara, harbour, island, servers: [s1, s2] } = cast;
  cast.adas = [
    await ada.open(s1, harbour, "Ada's window 1", harbour.start),
    await ada.open(s2, harbour, "Ada's window 2", harbour.start),
  ];
  cast.bens = [await ben.open(s1, harbour, "Ben's window A"), await ben.open(s2, harbour, "Ben's window B")];
  cast.elsewhere = await ben.open(s2, island, "Ben's Island window", island.start);
  cast.account = await ben.openAccount(s2, "Ben's account window");
  cast.caras = await cara.open(s2, harbour, "Cara's window");
  cast.putOut = [...cast.bens];
}

/** Ada blocks while Ben's windows work at both servers with both tokens. */
async function blockWhileWorking(cast) {
  const { ada, ben, bens, servers } = cast;
  const floods = servers.flatMap((server) => bens.map((window, at) => new Flood({
    server, token: window.token, count: 25, change: at === 0 && `flood-${server.name}`,
  })));
  for (const flood of floods) flood.done.catch(() => {});
  row('Ben', undefined, "works: 4 streams of requests, each window's token at each server");
  await flowing(floods);
  const reason = { category: 'SECURITY_CONCERN', note: 'The laptop was stolen.' };
  const answer = await block(servers[0], ada.key, ben.memberId, reason);
  for (const flood of floods) flood.mark(answer.answeredAt);
  const what = `blockMember(Ben, SECURITY_CONCERN) -> ${answer.member.status}`;
  await tellForcedOut({ who: 'Ada', server: servers[0], what, answer }, bens, ada.email);
  for (const [at, flood] of floods.entries()) {
    await flood.done;
    row('Ben', flood.server, `with window ${'AB'[at % 2]}'s token: ${flood.judge(answer.answeredAt)}`);
  }
  await writtenBefore(cast, floods.flatMap(({ assets }) => assets));
}

/** What the blocked admin was told to have done stands in the log before the block; nothing of theirs after it. */
async function writtenBefore({ adas, ben }, assets) {
  const [window] = adas;
  await window.event('MemberBlocked', ({ member }) => member.id === ben.memberId);
  const log = window.events('workspaceEvents');
  const blockedAt = log.findIndex(({ __typename }) => __typename === 'MemberBlocked');
  const his = log.map((event, at) => ({ ...event, at })).filter(({ actor }) => actor.id === ben.memberId);
  const registered = his.filter(({ __typename }) => __typename === 'AssetRegistered').map(({ assetId }) => assetId);
  promise(his.every(({ at }) => at < blockedAt), 'nothing that Ben did stands after his block in the log', his);
  const same = registered.length === assets.length && assets.every((id) => registered.includes(id));
  const what = `of his changes, the ${assets.length} that were acknowledged are in the log, and no others`;
  promise(same, what, { registered, assets });
}

async function afterTheBlock(cast) {
  const { ada, ben, harbour, island, account, elsewhere, adas, servers: [s1, s2] } = cast;
  await account.event('ViewerMembershipBlocked', ({ workspaceId }) => workspaceId === harbour.id);
  row(account.name, s2, 'receives ViewerMembershipBlocked, and stays open');
  for (const window of adas) await window.event('MemberBlocked');
  row("Ada's windows", undefined, 'receive MemberBlocked, on both servers');
  await entranceRefused(s2, ben, harbour, ada.email);
  await entranceRefused(s1, ben, harbour, ada.email);
  const memberships = await ben.memberships(s2);
  const shown = Object.values(memberships).map((it) => `${it.workspaceName}: ${it.status}`).join(', ');
  row('Ben', s2, `memberships -> ${shown}`);
  const fits = memberships[harbour.id]?.status === 'BLOCKED' && memberships[island.id]?.status === 'ACTIVE';
  promise(fits, 'the workspace stays among his memberships, as blocked', memberships);
  const input = { kind: 'boat', externalId: 'island-1', name: 'His own' };
  const { asset } = await s1.done(elsewhere.token, 'registerAsset', input, 'asset { id }');
  await elsewhere.event('AssetRegistered', ({ assetId }) => assetId === asset.id);
  const untouched = elsewhere.count('connected') === 1 && elsewhere.count('closed') === 0;
  row(elsewhere.name, s2, 'receives AssetRegistered: what its token has just done on s1');
  promise(untouched, 'his other workspace is untouched', elsewhere.record);
}

/** Automation may block; only a hand lifts a block. */
async function keyIsRefused(cast) {
  const { ada, ben, adas, servers: [s1, s2] } = cast;
  const { secret, apiKey } = await s1.done(ada.key, 'createApiKey', { name: 'night shift' }, 'secret apiKey { id }');
  row('Ada', s1, 'createApiKey("night shift")');
  cast.apiKey = { secret, id: apiKey.id };
  const input = { memberId: ben.memberId };
  const { userErrors: [error], member } = await s2.mutate(secret, 'unblockMember', input, 'member { id }');
  row('the API key', s2, `unblockMember(Ben) -> ${error?.code}: "${error?.message}"`);
  const kept = !member && error?.__typename === 'BlockedRequiresAdmin' && error.blockedAt;
  promise(kept, 'an API key lifts no block', error);
  const query = `query($id: ID!) { workspace { member(id: $id) { status
    block { category note by { kind id } } refusedAttempts { action origin attempts actor { kind id } } } } }`;
  const { workspace: { member: seen } } = await s1.data(ada.key, query, { id: ben.memberId });
  const [attempt] = seen.refusedAttempts;
  row('Ada', s1, `sees ${seen.status}, ${seen.block.category} "${seen.block.note}"; refused attempts: ` +
    `${attempt?.attempts} × ${attempt?.action} by ${attempt?.actor.kind}, ${attempt?.origin}`);
  const on = seen.status === 'BLOCKED' && seen.refusedAttempts.length === 1 && attempt.action === 'UNBLOCK' &&
    attempt.origin === 'AUTOMATION' && attempt.actor.id === apiKey.id && attempt.attempts === 1;
  promise(on, 'the attempt is on record', seen);
  for (const window of adas) await window.event('RefusedAttemptRecorded', ({ actor }) => actor.id === apiKey.id);
  row("Ada's windows", undefined, 'receive RefusedAttemptRecorded, on both servers');
}

async function liftedByHand(cast) {
  const { ada, ben, bens, account, harbour, servers: [s1, s2] } = cast;
  const { member } = await unblock(s2, ada.key, ben.memberId);
  row('Ada', s2, `unblockMember(Ben, RESOLVED) -> ${member.status}`);
  await account.event('ViewerMembershipUnblocked');
  row(account.name, s2, 'receives ViewerMembershipUnblocked');
  const query = `{ workspace { viewerMember { status role { name isAdmin } } }
    viewer { can(permission: "BLOCK_MEMBERS") } }`;
  for (const server of [s1, s2]) {
    const token = await ben.enter(server, harbour);
    const { workspace: { viewerMember: it }, viewer } = await server.data(token, query);
    row('Ben', server, `enterWorkspace with the account session of before -> ${it.status}, "${it.role.name}"`);
    promise(it.status === 'ACTIVE' && it.role.isAdmin && viewer.can, 'role and permissions are as before', it);
  }
  await refusedEverywhere([s1, s2], bens.map(({ token }) => token));
  promise(true, 'the workspace tokens of before stay dead on both servers');
}

async function keyBlocks(cast) {
  const { ada, ben, harbour, apiKey, putOut, servers: [s1, s2] } = cast;
  const window = await ben.open(s2, harbour, "Ben's window C");
  putOut.push(window);
  const answer = await block(s1, apiKey.secret, ben.memberId, { category: 'OFFBOARDING' });
  const what = 'blockMember(Ben, OFFBOARDING)';
  await tellForcedOut({ who: 'the API key', server: s1, what, answer }, [window], ada.email);
  await unblock(s2, ada.key, ben.memberId);
  row('Ada', s2, 'unblockMember(Ben)');
}

/** The same again and again, for figures. */
async function rounds({ ada, ben, harbour, putOut, servers: [s1, s2] }) {
  const times = { answer: [], logout: [], both: [] };
  for (let round = 1; round <= ROUNDS; round += 1) {
    const token = await ben.enter(s2, harbour);
    const window = await new Window(`Ben's window, round ${round}`, s2, token).listen('sessionEvents').ready();
    putOut.push(window);
    const { begunAt, answeredAt, took } = await block(s1, ada.key, ben.memberId);
    const refused = refusedEverywhere([s1, s2], [token]);
    const { at } = await forcedOut(window, 'BLOCKED', ada.email);
    await refused;
    times.answer.push(took);
    times.logout.push(at - answeredAt);
    times.both.push(at - begunAt);
    const told = `block answered in ${ms(took)}, forced logout ${since(at - answeredAt)}, refused on both servers`;
    row(`round ${round}`, s2, told);
    await unblock(s1, ada.key, ben.memberId);
  }
  return times;
}

function tellFigures({ answer, logout, both }) {
  console.log(`
  the block, from the call to its answer on s1         ${spread(answer)}
  from its answer on s1 to the forced logout on s2     ${spread(logout)}
  from the call on s1 to the forced logout on s2       ${spread(both)}`);
}

/** At the end of it all: who was put out has never tried again, everybody else is still connected. */
async function stillAsTheyWere({ adas, elsewhere, account, caras, putOut }) {
  const quiet = (window) => window.count('stopped') === 1 && window.count('connecting') === 1;
  const loud = putOut.filter((window) => !quiet(window)).map(({ name, record }) => ({ name, record }));
  promise(loud.length === 0, `none of the ${putOut.length} clients that were put out has tried again`, loud);
  const steady = (window) => window.count('connecting') === 1 && window.count('closed') === 0;
  const left = [adas[0], elsewhere, account, caras].filter((window) => !steady(window)).map(({ name }) => name);
  promise(left.length === 0, 'the windows of everybody else have stayed open from the start', left);
}

async function walk() {
  const { rollcall, postgres, redis } = await stage.versions();
  const node = process.versions.node;
  console.log(`${rollcall}; PostgreSQL ${postgres}, Redis ${redis}, Node ${node}; ${cpus().length} cores`);
  await stage.open();
  head('1. In: sign up, verify, found, invite, accept');
  const cast = { stage, servers: stage.servers, ...(await gather(stage)) };
  head('2. Windows on both servers');
  await openWindows(cast);
  head('3. Ada blocks Ben while he works');
  await blockWhileWorking(cast);
  head('4. Out, and how it looks from outside');
  await afterTheBlock(cast);
  head('5. What an API key may not');
  await keyIsRefused(cast);
  head('6. Lifted by hand');
  await liftedByHand(cast);
  head('7. What an API key may');
  await keyBlocks(cast);
  head(`8. ${ROUNDS} times more`);
  const times = await rounds(cast);
  head('9. Redis killed, and started again');
  await withoutRedis(cast);
  head('10. The whole record');
  await nothingLost(cast);
  await stillAsTheyWere(cast);
  tellFigures(times);
}

let leaving;

/** Once: whatever breaks while everything is being stopped is no news. */
function leave(code) {
  leaving ??= stage.close().then(() => process.exit(code));
  return leaving;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => leave(130));
try {
  await walk();
  console.log('\nEverything as promised.');
  await leave(0);
} catch (problem) {
  if (leaving) await leaving;
  console.error(`\nNOT as promised: ${problem instanceof Broken ? problem.message : problem.stack}`);
  for (const log of stage.logs()) console.error(`\n${log}`);
  await leave(1);
}
