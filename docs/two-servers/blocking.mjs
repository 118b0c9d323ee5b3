// Blocking, and what it must bring about: the forced logout of each window, and the refusal of each request from the
// moment of the answer on.

import { refusal } from './client.mjs';
import { ms, must, promise, row, rows, since, until } from './table.mjs';

/** What each of a person's requests asks in a flood: reading, and changing something. */
const READ = '{ workspace { viewerMember { id } } }';
const CHANGE = `mutation($input: RegisterAssetInput!) {
  registerAsset(input: $input) { asset { id } userErrors { code } } }`;
const MEMBER = 'member { id status revision }';

export async function block(server, token, memberId, input = {}) {
  return server.done(token, 'blockMember', { memberId, ...input }, MEMBER);
}

export async function unblock(server, token, memberId) {
  return server.done(token, 'unblockMember', { memberId, category: 'RESOLVED' }, MEMBER);
}

/** The end of a window as promised; when the forced logout arrived. */
export async function forcedOut(window, cause, contact) {
  const { event: ended, at } = await window.event('SessionEnded');
  must(ended.cause === cause && ended.message, `the forced logout says ${cause}, and why in words`, ended);
  must(ended.contact?.email === contact, 'the forced logout names the contact', ended);
  const closed = await window.until(({ type }) => type === 'closed', 'the close');
  must(closed.code === 4401, 'the socket is closed with 4401', closed);
  const stopped = await window.until(({ type }) => type === 'stopped', 'the client giving up');
  must(stopped.code === 4401, 'the client gives up because of 4401', stopped);
  const after = window.record.slice(window.record.findIndex(({ event }) => event === ended) + 1);
  must(after.every(({ type }) => type !== 'event'), 'nothing is told after the forced logout', after);
  const own = window.events('workspaceEvents').some(({ __typename }) => __typename === 'MemberBlocked');
  must(!own, 'nothing that comes after the block in the log is told to the blocked', window.record);
  return { at, ended, closed };
}

/** Tells a block's answer and each window's end, in the order in which they came. */
export async function tellForcedOut({ who, server, what, answer: { answeredAt, took } }, windows, contact) {
  const told = [[who, server, `${what}, answered in ${ms(took)}`, answeredAt]];
  for (const window of windows) {
    const { at, ended, closed } = await forcedOut(window, 'BLOCKED', contact);
    const tell = (what, at) => told.push([window.name, window.server, what, at]);
    tell(`receives SessionEnded ${ended.cause}, ${since(at - answeredAt)}`, at);
    tell(`  "${ended.message}" Contact: ${ended.contact.email}`, at);
    tell(`  complete, closed with ${closed.code} ${closed.reason}; the client stops`, closed.at);
  }
  rows(told);
}

/** Somebody's requests, one after the other, until they have had `count` answers since they were put out. */
export class Flood {
  answers = [];
  #ending = Infinity;

  constructor({ server, token, count, change }) {
    Object.assign(this, { server, token, count, change });
    this.done = this.#pour();
  }

  /** Put out, as of this moment. */
  mark(at) {
    this.#ending = at;
  }

  async #pour() {
    let left = this.count;
    while (left > 0) {
      const number = this.answers.length;
      const input = { kind: 'boat', externalId: `${this.change}-${number}`, name: `Boat ${number}` };
      const asked = this.change && number % 2 ? [CHANGE, { input }] : [READ];
      const answer = await this.server.ask(this.token, ...asked);
      const asset = answer.data?.registerAsset?.asset?.id;
      this.answers.push({ begunAt: answer.begunAt, asset, refusal: refusal(answer) });
      if (answer.begunAt >= this.#ending) left -= 1;
    }
  }

  /** Every request that began after the answer to the block was refused with the cause. */
  judge(answeredAt) {
    const after = this.answers.filter(({ begunAt }) => begunAt >= answeredAt);
    const before = this.answers.filter(({ begunAt }) => begunAt < answeredAt);
    const letIn = after.filter(({ refusal }) => refusal?.code !== 'UNAUTHENTICATED' || refusal.cause !== 'BLOCKED');
    must(letIn.length === 0 && after.length >= this.count, 'each request after the answer is refused', letIn);
    const strange = before.filter(({ refusal }) => refusal && refusal.cause !== 'BLOCKED');
    must(strange.length === 0, 'requests before the block are let in', strange);
    const had = before.filter(({ refusal }) => !refusal).length;
    return `${before.length} before the answer (${had} let in), ${after.length} after it: all refused, BLOCKED`;
  }

  /** What it changed, as far as it was told so. */
  get assets() {
    return this.answers.map(({ asset }) => asset).filter(Boolean);
  }
}

/** Waits until each flood has been let in a few times. */
export function flowing(floods) {
  return until(() => floods.every(({ answers }) => answers.length >= 6), 'the first requests');
}

/** One request with each token at each server, all at once: each must be refused with the cause. */
export async function refusedEverywhere(servers, tokens, cause = 'BLOCKED') {
  const asked = servers.flatMap((server) => tokens.map((token) => server.ask(token, READ)));
  const refusals = (await Promise.all(asked)).map(refusal);
  const fits = refusals.every((it) => it?.code === 'UNAUTHENTICATED' && it.cause === cause && it.contact);
  must(fits, `each request is refused with ${cause} and the contact`, refusals);
  return refusals;
}

/** Entering is refused, and says whom to turn to. */
export async function entranceRefused(server, person, workspace, contact) {
  const { token, userErrors: [error] } = await server.mutate(
    person.token, 'enterWorkspace', { workspaceId: workspace.id }, 'token');
  row(person.name, server, `enterWorkspace(${workspace.name}) -> ${error?.code}: "${error?.message}"`);
  const fits = !token && error?.__typename === 'MembershipBlocked' && error.contact?.email === contact;
  promise(fits, `entering is refused with the contact ${error?.contact?.email}`, error);
}
