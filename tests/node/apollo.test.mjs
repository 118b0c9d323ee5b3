// What docs/api.md tells users of Apollo Client, with the package itself: events update the lists that show a member, and
// nothing older than what is known gets in. The documents are held against the published schema.
//
//   node --test apollo.test.mjs

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ApolloClient, ApolloLink, InMemoryCache, gql } from '@apollo/client';
import { buildSchema, validate } from 'graphql';
import { Observable, map } from 'rxjs';
import { newest } from './newest.mjs';

const file = (name) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const schema = buildSchema(file('schema.graphql'));
const { possibleTypes } = JSON.parse(file('possibleTypes.json'));

const valid = (document) => {
  assert.deepEqual(validate(schema, document), []);
  return document;
};
const LIST = valid(gql`{ workspace { id members { nodes { id status displayStatus revision role { id name } } } } }`);
const EVENTS = valid(gql`subscription { workspaceEvents { id eventCursor
  ... on MemberBlocked { member { id status displayStatus revision } }
  ... on MemberUnblocked { member { id status displayStatus revision } } } }`);
const NAME = valid(gql`{ viewer { account { id name revision } } }`);
const PLACE = valid(gql`{ viewer { eventCursor } }`);
const SEATS = valid(gql`{ workspace { id billing { balance { amount currency } } } }`);
const LEDGER = valid(gql`{ workspace { id billing { ledger(first: 1) { totalCount } } } }`);

const whole = { merge: true };
const typePolicies = {
  Viewer: { keyFields: [] },
  Billing: whole, MemberCounts: whole, Policy: whole, SeatPlan: whole, Seats: whole, WorkspaceContact: whole,
};

const member = (revision, status) => ({
  __typename: 'Member', id: 'member_1', status, revision, displayStatus: status === 'ACTIVE' ? 'ACTIVE' : 'INACTIVE',
});
const listed = (revision, status) => ({ data: { workspace: { __typename: 'Workspace', id: 'workspace_1', members: {
  __typename: 'MemberConnection',
  nodes: [{ ...member(revision, status), role: { __typename: 'Role', id: 'role_1', name: 'Member' } }],
} } } });
const event = (type, revision, status) => ({ data: { workspaceEvents: {
  __typename: type, id: `event_${revision}`, eventCursor: `cursor_${revision}`, member: member(revision, status),
} } });

/** A client whose server answers what is queued: lists one by one, events all at once. */
function client({ answers, events = [] }) {
  const keep = newest();
  const server = new ApolloLink((operation) => new Observable((sink) => {
    const isSubscription = operation.query.definitions.some((it) => it.operation === 'subscription');
    for (const result of isSubscription ? events : [answers.shift()]) sink.next(result);
    sink.complete();
  }));
  const link = ApolloLink.from([
    new ApolloLink((operation, forward) => forward(operation).pipe(map(keep))),
    server,
  ]);
  return new ApolloClient({ link, cache: new InMemoryCache({ possibleTypes, typePolicies }) });
}

const first = ({ workspace }) => workspace.members.nodes[0];
const listen = (apollo) => new Promise((complete, error) => apollo.subscribe({ query: EVENTS }).subscribe({ complete, error }));

test('an event updates the list that shows its member', async () => {
  const apollo = client({ answers: [listed(3, 'ACTIVE')], events: [event('MemberBlocked', 4, 'BLOCKED')] });
  await apollo.query({ query: LIST });
  await listen(apollo);
  const shown = first(apollo.readQuery({ query: LIST }));
  assert.deepEqual([shown.status, shown.displayStatus, shown.revision, shown.role.name], ['BLOCKED', 'INACTIVE', 4, 'Member']);
});

test('an event from before the list changes nothing', async () => {
  const apollo = client({ answers: [listed(5, 'ACTIVE')], events: [event('MemberBlocked', 4, 'BLOCKED')] });
  await apollo.query({ query: LIST });
  await listen(apollo);
  const shown = first(apollo.readQuery({ query: LIST }));
  assert.deepEqual([shown.status, shown.revision, shown.role.name], ['ACTIVE', 5, 'Member']);
});

test('a late answer takes nothing back, and its list keeps its items', async () => {
  const apollo = client({
    answers: [listed(3, 'ACTIVE'), listed(3, 'ACTIVE')],
    events: [event('MemberBlocked', 4, 'BLOCKED')],
  });
  await apollo.query({ query: LIST });
  await listen(apollo);
  await apollo.query({ query: LIST, fetchPolicy: 'network-only' });
  const shown = first(apollo.readQuery({ query: LIST }));
  assert.deepEqual([shown.status, shown.revision, shown.role.name], ['BLOCKED', 4, 'Member']);
});

test('objects without an id are put together', async () => {
  const billing = (fields) => ({ data: { workspace: { __typename: 'Workspace', id: 'workspace_1',
    billing: { __typename: 'Billing', ...fields } } } });
  const answers = [
    { data: { viewer: { __typename: 'Viewer', account: { __typename: 'Account', id: 'account_1', name: 'Ada', revision: 1 } } } },
    { data: { viewer: { __typename: 'Viewer', eventCursor: 'cursor_1' } } },
    billing({ balance: { __typename: 'Money', amount: 3_000_000_000, currency: 'EUR' } }),
    billing({ ledger: { __typename: 'LedgerEntryConnection', totalCount: 7 } }),
  ];
  const apollo = client({ answers });
  for (const query of [NAME, PLACE, SEATS, LEDGER]) await apollo.query({ query });
  assert.equal(apollo.readQuery({ query: NAME }).viewer.account.name, 'Ada');
  assert.equal(apollo.readQuery({ query: PLACE }).viewer.eventCursor, 'cursor_1');
  assert.equal(apollo.readQuery({ query: SEATS }).workspace.billing.balance.amount, 3_000_000_000);
  assert.equal(apollo.readQuery({ query: LEDGER }).workspace.billing.ledger.totalCount, 7);
});
