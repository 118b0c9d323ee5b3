// Who takes part, and how they get in: all of it through the public API and the mails.

import { Window } from './client.mjs';
import { must, promise, row, until } from './table.mjs';

const PASSWORD = 'nine small boats at the quay';
const LINK = /#token=(\S+)/;

/** Somebody with an e-mail address. */
export class Person {
  constructor(stage, name) {
    Object.assign(this, { stage, name, email: `${name.toLowerCase()}@example.com` });
  }

  /** The secret in the newest mail whose subject fits. */
  async #link(subject) {
    const mail = await until(async () => {
      const mails = await this.stage.mails(this.email);
      return mails.findLast((mail) => subject.test(mail.subject));
    }, `a mail to ${this.email}`);
    row(this.name, undefined, `gets the mail "${mail.subject}"`);
    return LINK.exec(mail.body)[1];
  }

  async signUp(server) {
    const { email, name } = this;
    await server.done(undefined, 'signUp', { email, name, password: PASSWORD }, 'mailedTo');
    row(name, server, `signUp(${email})`);
    const token = await this.#link(/verify/i);
    const proof = { token, password: PASSWORD };
    const { account } = await server.done(undefined, 'verifyEmail', proof, 'account { emailVerified }');
    row(name, server, `verifyEmail -> verified: ${account.emailVerified}`);
  }

  async signIn(server) {
    const input = { email: this.email, password: PASSWORD };
    const { token } = await server.done(undefined, 'signIn', input, 'token account { id name }');
    this.token = token;
    row(this.name, server, `signIn -> an account session, kept to the end`);
  }

  /** Accepts by the mailed link; whoever has no account yet gets one. */
  async accept(server, { newcomer }) {
    const token = await this.#link(/invite/i);
    const input = newcomer ? { token, name: this.name, password: PASSWORD } : { token };
    const accepted = await server.done(undefined, 'acceptInvitation', input, 'invitationId token');
    if (newcomer) this.token = accepted.token;
    row(this.name, server, `acceptInvitation by the link, ${newcomer ? 'with a new account' : 'into the account'}`);
  }

  async found(server, kind, name) {
    const selection = 'membership { workspaceId memberId } eventCursor';
    const created = await server.done(this.token, 'createWorkspace', { kind, name }, selection);
    row(this.name, server, `createWorkspace(${kind}, "${name}")`);
    return { name, id: created.membership.workspaceId, start: created.eventCursor };
  }

  /** A workspace session's token. */
  async enter(server, workspace) {
    const { token } = await server.done(this.token, 'enterWorkspace', { workspaceId: workspace.id }, 'token');
    return token;
  }

  /** Enters, and opens a window that listens to all there is. */
  async open(server, workspace, name, after) {
    const token = await this.enter(server, workspace);
    const window = new Window(name, server, token);
    window.token = token;
    window.listen('sessionEvents').listen('workspaceEvents', after).listen('viewerEvents');
    await window.ready();
    row(this.name, server, `enterWorkspace(${workspace.name}) -> ${name}, listening to 3 subscriptions`);
    return window;
  }

  /** A window with the account session: nothing inside a workspace. */
  async openAccount(server, name) {
    const window = await new Window(name, server, this.token).listen('viewerEvents').ready();
    row(this.name, server, `${name} with the account session, listening to viewerEvents`);
    return window;
  }

  async memberships(server) {
    const query = '{ viewer { memberships(first: 10) { nodes { workspaceId workspaceName status displayStatus } } } }';
    const { viewer } = await server.data(this.token, query);
    return Object.fromEntries(viewer.memberships.nodes.map((node) => [node.workspaceId, node]));
  }
}

/** Everybody in their places: Ada's workspace with Ben as second admin and Cara as member, and Ben's own workspace. */
export async function gather(stage) {
  const [s1, s2] = stage.servers;
  const [ada, ben, cara] = ['Ada', 'Ben', 'Cara'].map((name) => new Person(stage, name));
  await ada.signUp(s1);
  await ada.signIn(s1);
  await ben.signUp(s2);
  await ben.signIn(s2);
  const harbour = await ada.found(s1, 'TEAM', 'Harbour');
  const island = await ben.found(s2, 'TEAM', 'Island');
  ada.key = await ada.enter(s1, harbour);
  await invite(s1, ada, [ben, cara]);
  await ben.accept(s2, { newcomer: false });
  await cara.accept(s2, { newcomer: true });
  ben.memberId = await memberId(s1, ada, ben);
  return { ada, ben, cara, harbour, island };
}

async function invite(server, ada, [ben, cara]) {
  const { workspace } = await server.data(ada.key, '{ workspace { roles(first: 10) { nodes { id name isAdmin } } } }');
  const admin = workspace.roles.nodes.find((role) => role.isAdmin);
  const members = [{ email: ben.email, name: ben.name, roleId: admin.id }, { email: cara.email, name: cara.name }];
  const selection = 'results { email userErrors { code message } member { status } }';
  const { results } = await server.done(ada.key, 'inviteMembers', { members }, selection);
  const came = results.map(({ email, member }) => `${email}: ${member?.status}`).join(', ');
  must(results.every(({ member }) => member), 'each row is invited', results);
  row(ada.name, server, `inviteMembers -> ${came}`);
}

async function memberId(server, ada, person) {
  const query = 'query($email: String!) { workspace { memberByEmail(email: $email) { id status role { name } } } }';
  const { workspace: { memberByEmail: member } } = await server.data(ada.key, query, { email: person.email });
  promise(member.status === 'ACTIVE', `${person.name} is an active member with the role "${member.role.name}"`, member);
  return member.id;
}
