// The explorer: runs queries and mutations over HTTP, subscriptions over graphql-transport-ws.
// Never fetches anything from elsewhere, and keeps tokens in this tab alone.
"use strict";

const find = (id) => document.getElementById(id);
const endpoint = new URL("graphql", location.href);
const remembered = ["query", "variables", "account", "workspace"];
let socket = null;

function show(value) {
  find("result").textContent = typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

function tell(text, bad = false) {
  find("state").textContent = text;
  find("state").className = bad ? "bad" : "";
}

function using(name) {
  if (name) document.querySelector(`input[name=use][value=${name}]`).checked = true;
  return document.querySelector("input[name=use]:checked").value;
}

function authorization() {
  const use = using();
  const token = use === "none" ? "" : find(use).value.trim();
  return token ? `Bearer ${token}` : null;
}

// The operations of the text, comments and strings left aside.
function operations(text) {
  const bare = text.replace(/"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*/g, " ");
  const found = [];
  let depth = 0;
  for (const [part, kind, name] of bare.matchAll(/[{}]|\b(query|mutation|subscription|fragment)\b\s*(\w+)?/g)) {
    if (part === "{" && depth++ === 0 && found.pending === undefined) found.push({ kind: "query", name: null });
    else if (part === "}" && --depth === 0) found.pending = undefined;
    else if (kind && depth === 0) {
      found.pending = kind;
      if (kind !== "fragment") found.push({ kind, name: name ?? null });
    }
  }
  return found;
}

function listOperations() {
  const found = operations(find("query").value).filter((operation) => operation.name);
  const select = find("operation");
  const before = select.value;
  select.replaceChildren(...found.map(({ name }) => new Option(name, name)));
  select.disabled = found.length < 2;
  if (found.some(({ name }) => name === before)) select.value = before;
}

function payload() {
  const text = find("variables").value.trim();
  const body = { query: find("query").value };
  if (text) body.variables = JSON.parse(text);
  const name = find("operation").value;
  if (name) body.operationName = name;
  return body;
}

async function run() {
  stop();
  let body;
  try {
    body = payload();
  } catch (error) {
    return tell(`the variables are no JSON: ${error.message}`, true);
  }
  const all = operations(body.query);
  const chosen = all.find(({ name }) => name && name === body.operationName) ?? all[0];
  if (chosen?.kind === "subscription") return subscribe(body);
  await post(body);
}

async function post(body) {
  const headers = { "content-type": "application/json", accept: "application/graphql-response+json" };
  if (authorization()) headers.authorization = authorization();
  const start = performance.now();
  tell("…");
  try {
    const response = await fetch(endpoint, { method: "POST", headers, body: JSON.stringify(body) });
    const answer = await response.json();
    show(answer);
    keepTokens(answer.data);
    tell(`${response.status} · ${Math.round(performance.now() - start)} ms`, Boolean(answer.errors));
  } catch (error) {
    tell(`no answer: ${error.message}`, true);
  }
}

// A token that an answer holds goes to its place, and is used from then on.
function keepTokens(value) {
  if (!value || typeof value !== "object") return;
  for (const inner of Object.values(value)) {
    if (typeof inner === "string" && /^rc[awk]_/.test(inner)) {
      const place = inner.startsWith("rca_") ? "account" : "workspace";
      find(place).value = inner;
      using(place);
      remember();
    } else keepTokens(inner);
  }
}

function subscribe(body) {
  const address = new URL(endpoint);
  address.protocol = address.protocol.replace("http", "ws");
  const lines = [];
  const add = (value) => {
    lines.push(`${new Date().toLocaleTimeString()}  ${JSON.stringify(value, null, 2)}`);
    show(lines.slice(-200).join("\n\n"));
  };
  const connection = new WebSocket(address, "graphql-transport-ws");
  const send = (message) => connection.send(JSON.stringify(message));
  socket = connection;
  find("stop").disabled = false;
  show("");
  tell("connecting …");
  connection.onopen = () =>
    send({ type: "connection_init", payload: authorization() ? { authorization: authorization() } : {} });
  connection.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "connection_ack") {
      tell("listening");
      send({ type: "subscribe", id: "1", payload: body });
    } else if (message.type === "ping") send({ type: "pong" });
    else if (message.type === "next") add(message.payload);
    else if (message.type === "error") add({ errors: message.payload });
    else if (message.type === "complete") tell("complete");
  };
  connection.onclose = ({ code, reason }) => {
    if (socket !== connection) return;
    socket = null;
    find("stop").disabled = true;
    tell(`closed: ${code}${reason ? ` ${reason}` : ""}`, code !== 1000);
  };
}

function stop() {
  if (!socket) return;
  const connection = socket;
  socket = null;
  connection.close(1000);
  find("stop").disabled = true;
  tell("stopped");
}

function remember() {
  for (const id of remembered) sessionStorage.setItem(id, find(id).value);
  sessionStorage.setItem("use", using());
}

async function listSaved() {
  const saved = await (await fetch("graphiql/queries.json")).json();
  const load = ({ token, query, variables }) => {
    find("query").value = query;
    find("variables").value = variables ? JSON.stringify(variables, null, 2) : "";
    using(token);
    listOperations();
    remember();
  };
  find("saved").replaceChildren(...saved.map((one) => entry(one.title, null, () => load(one))));
  if (!find("query").value) load(saved[0]);
}

function entry(title, hint, act) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.textContent = title;
  if (hint) button.append(Object.assign(document.createElement("small"), { textContent: hint }));
  button.onclick = act;
  item.append(button);
  return item;
}

const FIELDS = `{ __schema { types { name } queryType { ...Root } mutationType { ...Root } subscriptionType { ...Root } } }
fragment Root on __Type { name fields { name description args { name type { kind name ofType { kind name ofType { name } } } } } }`;

// The root fields, to look up. Quiet where introspection is switched off.
async function listFields() {
  const headers = { "content-type": "application/json" };
  const response = await fetch(endpoint, { method: "POST", headers, body: JSON.stringify({ query: FIELDS }) });
  const schema = (await response.json()).data?.__schema;
  if (!schema) return;
  const written = (type) => type.name ?? (type.kind === "NON_NULL" ? `${written(type.ofType)}!` : `[${written(type.ofType)}]`);
  const all = [["query", schema.queryType], ["mutation", schema.mutationType], ["subscription", schema.subscriptionType]]
    .flatMap(([kind, type]) => (type?.fields ?? []).map((field) => ({ kind, ...field })));
  const insert = ({ kind, name, args }) => {
    const wanted = args.filter(({ type }) => type.kind === "NON_NULL");
    const declared = wanted.map((arg) => `$${arg.name}: ${written(arg.type)}`).join(", ");
    const passed = wanted.map((arg) => `${arg.name}: $${arg.name}`).join(", ");
    find("query").value = `${kind}${declared && ` (${declared})`} {\n  ${name}${passed && `(${passed})`} {\n    __typename\n  }\n}\n`;
    find("variables").value = wanted.length ? JSON.stringify(Object.fromEntries(wanted.map((arg) => [arg.name, {}])), null, 2) : "";
    listOperations();
    remember();
  };
  const list = () => {
    const word = find("search").value.trim().toLowerCase();
    const matching = all.filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(word));
    find("fields").replaceChildren(...matching.map((field) =>
      entry(field.name, `${field.kind} · ${(field.description ?? "").split("\n")[0]}`, () => insert(field))));
  };
  find("search").oninput = list;
  list();
}

function indent(event) {
  if (event.key !== "Tab" || event.shiftKey || event.ctrlKey || event.altKey) return;
  event.preventDefault();
  event.target.setRangeText("  ", event.target.selectionStart, event.target.selectionEnd, "end");
}

find("run").onclick = run;
find("stop").onclick = stop;
find("query").oninput = listOperations;
find("query").onkeydown = indent;
document.onkeydown = (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  run();
};
document.onchange = remember;
for (const id of remembered) find(id).value = sessionStorage.getItem(id) ?? "";
using(sessionStorage.getItem("use") ?? "none");
listOperations();
listSaved().catch((error) => tell(`the saved queries are missing: ${error.message}`, true));
listFields().catch(() => {});
