//! Signing in by cookie, over real HTTP and real sockets: what a page of ours may do, and no other page (SES-2).

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use rollcall::primitives::secret::{Secret, SecretKind};
use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::{Server, Stage};
use crate::support::people::mutation;
use crate::support::socket::Socket;

/// What the stage is told to be its public address.
const OURS: &str = "https://app.example.com";
const ELSEWHERE: &str = "https://evil.example";
const PASSWORD: &str = "a quiet afternoon";
const VIEWER: &str = "{ viewer { account { email } } }";
const WORKSPACE: &str = "{ workspace { name } }";

/// A browser: it keeps the cookies that it is given, and sends them along with everything.
struct Browser<'a> {
    stage: &'a Stage,
    page: Option<&'static str>,
    cookies: Vec<(String, String)>,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("{:#}", self.body))
    }

    fn payload(&self) -> &Value {
        self.body["data"]
            .as_object()
            .and_then(|data| data.values().next())
            .unwrap_or_else(|| panic!("{:#}", self.body))
    }
}

impl<'a> Browser<'a> {
    fn at(stage: &'a Stage, page: &'static str) -> Self {
        Self { stage, page: Some(page), cookies: Vec::new() }
    }

    fn cookie(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// `session`: the header that asks for cookies.
    async fn send(&mut self, session: Option<&str>, query: &str, variables: Value) -> Answer {
        let url = format!("http://{}/graphql", self.stage.here().address);
        let mut request = self.stage.http.post(url).json(&json!({ "query": query, "variables": variables }));
        if let Some(page) = self.page {
            request = request.header("origin", page);
        }
        if let Some(session) = session {
            request = request.header("rollcall-session", session);
        }
        let request = request.header("cookie", self.cookie());
        let response = request.send().await.expect("it answers");
        let (status, headers) = (response.status(), response.headers().clone());
        self.keep(&headers);
        Answer { status, headers, body: response.json().await.expect("JSON") }
    }

    async fn ask(&mut self, query: &str) -> Answer {
        self.send(Some("any"), query, json!({})).await
    }

    async fn act(&mut self, session: &str, name: &str, selection: &str, input: Value) -> Answer {
        let answer = self.send(Some(session), &mutation(name, selection), json!({ "input": input })).await;
        assert_eq!(answer.payload()["userErrors"], json!([]), "{:#}", answer.body);
        answer
    }

    async fn sign_in(&mut self) -> Answer {
        self.sign_in_as("ada@example.com").await
    }

    async fn sign_in_as(&mut self, email: &str) -> Answer {
        let input = json!({ "email": email, "password": PASSWORD });
        self.act("any", "signIn", "token account { id }", input).await
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all("set-cookie") {
            let text = cookie.to_str().expect("text");
            let (name, rest) = text.split_once('=').expect("a name");
            let (value, attributes) = rest.split_once(';').expect("attributes");
            self.cookies.retain(|(kept, _)| kept != name);
            if !attributes.contains("Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.cookies.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    async fn socket(&self, server: &Server, init: Value) -> Socket {
        let mut headers = vec![("cookie", self.cookie())];
        headers.extend(self.page.map(|page| ("origin", page.to_owned())));
        let mut socket = Socket::connect_with(server, &headers).await;
        socket.send(json!({ "type": "connection_init", "payload": init })).await;
        socket
    }
}

async fn harbour(stage: &Stage) -> String {
    let ada = stage.human("Ada").await;
    stage.found(&ada, "Harbour", "TEAM").await
}

const ACCOUNT_COOKIE: &str = "__Host-rollcall_account";
const WORKSPACE_COOKIE: &str = "__Host-rollcall_workspace";

on_both_stages! {
    /// SES-2: no script ever sees a token; the workspace's cookie comes first, and a header chooses.
    async fn a_page_of_ours_signs_in_enters_and_signs_out_by_cookie(stage) {
        let place = harbour(stage).await;
        let mut browser = Browser::at(stage, OURS);
        let signed_in = browser.sign_in().await;
        assert_eq!(signed_in.payload()["token"], Value::Null);
        let set = signed_in.headers["set-cookie"].to_str().expect("text");
        for attribute in ["; HttpOnly", "; Secure", "; SameSite=Strict", "; Path=/", "; Max-Age=7776000"] {
            assert!(set.contains(attribute), "{attribute}: {set}");
        }
        assert!(set.starts_with(&format!("{ACCOUNT_COOKIE}=rca_")) && !set.contains("Domain"), "{set}");
        assert_eq!(browser.ask(VIEWER).await.body["data"]["viewer"]["account"]["email"], "ada@example.com");
        assert_eq!(browser.ask(WORKSPACE).await.code(), "FORBIDDEN");

        let entered = browser.act("any", "enterWorkspace", "token", json!({ "workspaceId": place })).await;
        assert_eq!(entered.payload()["token"], Value::Null);
        assert_eq!(browser.names(), [ACCOUNT_COOKIE, WORKSPACE_COOKIE]);
        assert_eq!(browser.ask(WORKSPACE).await.body["data"]["workspace"]["name"], "Harbour");
        let personal = browser.send(Some("account"), WORKSPACE, json!({})).await;
        assert_eq!(personal.code(), "FORBIDDEN", "the header chose the account session");
        let sessions = browser.send(Some("account"), "{ viewer { sessions { totalCount } } }", json!({})).await;
        assert!(sessions.body["data"]["viewer"]["sessions"]["totalCount"].is_number());

        browser.act("workspace", "signOut", "signedOut", json!({})).await;
        assert_eq!(browser.names(), [ACCOUNT_COOKIE]);
        browser.act("any", "enterWorkspace", "token", json!({ "workspaceId": place })).await;
        browser.act("account", "signOut", "signedOut", json!({})).await;
        assert!(browser.names().is_empty(), "what hung on it went along");
        assert_eq!(browser.ask(VIEWER).await.code(), "UNAUTHENTICATED");
    }

    /// SES-2: of two people at one browser, whoever signed in last is who acts, on sockets too.
    async fn signing_in_leaves_nothing_of_the_person_before(stage) {
        let place = harbour(stage).await;
        stage.human("Bob").await;
        let mut browser = Browser::at(stage, OURS);
        browser.sign_in().await;
        browser.act("any", "enterWorkspace", "token", json!({ "workspaceId": place })).await;
        let signed_in = browser.sign_in_as("bob@example.com").await;
        assert_eq!(signed_in.headers.get_all("set-cookie").iter().count(), 2, "each cookie once");
        assert_eq!(browser.names(), [ACCOUNT_COOKIE]);
        assert_eq!(browser.ask(VIEWER).await.body["data"]["viewer"]["account"]["email"], "bob@example.com");
        assert_eq!(browser.ask(WORKSPACE).await.code(), "FORBIDDEN");
        let mut window = browser.socket(stage.here(), json!({})).await;
        assert_eq!(window.message().await, json!({ "type": "connection_ack" }));
        window.subscribe("q", VIEWER, json!({})).await;
        assert_eq!(window.next("q").await["viewer"]["account"]["email"], "bob@example.com");
    }

    /// SES-2: a script can't take a cookie away, so the answer does that tells that its session has ended.
    async fn a_cookie_goes_when_its_session_has_ended(stage) {
        let place = harbour(stage).await;
        let mut browser = Browser::at(stage, OURS);
        browser.sign_in().await;
        browser.act("any", "enterWorkspace", "token", json!({ "workspaceId": place })).await;
        let stolen = browser.cookies.clone();
        browser.act("workspace", "signOut", "signedOut", json!({})).await;
        browser.cookies.clone_from(&stolen);
        let sign_out = mutation("signOut", "signedOut");
        let ended = browser.send(Some("any"), &sign_out, json!({ "input": {} })).await;
        assert_eq!((ended.code(), browser.names()), ("UNAUTHENTICATED", vec![ACCOUNT_COOKIE]));
        assert_eq!(browser.ask(VIEWER).await.body["data"]["viewer"]["account"]["email"], "ada@example.com");

        browser.act("account", "signOut", "signedOut", json!({})).await;
        browser.cookies.clone_from(&stolen);
        let ended = browser.send(Some("account"), &sign_out, json!({ "input": {} })).await;
        assert_eq!((ended.code(), browser.names()), ("UNAUTHENTICATED", vec![]));

        // Nor does one that nobody knows stand in the way.
        let unknown = Secret::mint(SecretKind::WorkspaceSession).reveal().to_owned();
        browser.sign_in().await;
        browser.cookies.push((WORKSPACE_COOKIE.to_owned(), unknown));
        assert_eq!(browser.ask(VIEWER).await.code(), "UNAUTHENTICATED");
        assert_eq!(browser.ask(VIEWER).await.body["data"]["viewer"]["account"]["email"], "ada@example.com");
    }

    /// SES-2: cookies alone do nothing: another page can't send the header, and isn't let when it does.
    async fn another_page_gets_nothing_by_the_cookies_of_ours(stage) {
        harbour(stage).await;
        let mut browser = Browser::at(stage, OURS);
        browser.sign_in().await;
        let update = mutation("updateAccount", "account { name }");
        let input = json!({ "input": { "name": "Mallory" } });

        let without = browser.send(None, &update, input.clone()).await;
        assert_eq!(without.code(), "UNAUTHENTICATED", "cookies without the header");
        browser.page = Some(ELSEWHERE);
        let foreign = browser.send(Some("any"), &update, input.clone()).await;
        assert_eq!((foreign.status, foreign.code()), (StatusCode::FORBIDDEN, "FORBIDDEN"));
        assert!(foreign.headers.get("access-control-allow-origin").is_none());
        browser.page = Some("null");
        assert_eq!(browser.send(Some("any"), &update, input.clone()).await.code(), "FORBIDDEN");
        browser.page = None;
        assert_eq!(browser.send(Some("any"), &update, input.clone()).await.code(), "FORBIDDEN", "no origin at all");
        browser.page = Some(OURS);
        assert_eq!(browser.send(Some("sideways"), &update, input.clone()).await.status, StatusCode::BAD_REQUEST);
        let seen = browser.send(Some("any"), "{ viewer { account { name } } }", json!({})).await;
        assert_eq!(seen.body["data"]["viewer"]["account"]["name"], "Ada");
    }

    /// SES-2: a bearer token and cookies are two ways; both at once is a defect of the client.
    async fn a_bearer_token_and_cookies_are_not_mixed(stage) {
        let ada = stage.human("Ada").await;
        let url = format!("http://{}/graphql", stage.here().address);
        let request = stage.http.post(url).json(&json!({ "query": VIEWER })).bearer_auth(&ada.token);
        let answer = request.header("rollcall-session", "any").header("origin", OURS).send().await.expect("answered");
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        // Without the header a bearer token works from anywhere, whatever cookies come along, and tells tokens.
        let mut browser = Browser::at(stage, ELSEWHERE);
        let input = json!({ "input": { "email": "ada@example.com", "password": PASSWORD } });
        let signed_in = browser.send(None, &mutation("signIn", "token"), input).await;
        assert!(signed_in.payload()["token"].as_str().is_some_and(|token| token.starts_with("rca_")));
        assert!(browser.names().is_empty());
    }

    /// SES-2, BLK-2: the upgrade's origin is looked at; the socket follows its session like any other.
    async fn a_socket_is_opened_by_cookie_from_pages_of_ours_alone(stage) {
        let place = harbour(stage).await;
        let mut browser = Browser::at(stage, OURS);
        browser.sign_in().await;
        browser.act("any", "enterWorkspace", "token", json!({ "workspaceId": place })).await;

        let mut window = browser.socket(stage.elsewhere(), json!({})).await;
        assert_eq!(window.message().await, json!({ "type": "connection_ack" }));
        window.subscribe("q", WORKSPACE, json!({})).await;
        assert_eq!(window.next("q").await["workspace"]["name"], "Harbour");
        window.expect_complete("q").await;
        let mut person = browser.socket(stage.here(), json!({ "session": "account" })).await;
        assert_eq!(person.message().await, json!({ "type": "connection_ack" }));
        // A token that no cookie can take is not made: a script could read it.
        let enter = mutation("enterWorkspace", "token");
        person.subscribe("enter", &enter, json!({ "input": { "workspaceId": place } })).await;
        let refused = person.message().await;
        assert_eq!(refused["payload"]["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{refused:#}");

        for (page, init) in [(Some(ELSEWHERE), json!({})), (None, json!({})), (Some(OURS), json!({ "session": "x" }))] {
            browser.page = page;
            let mut socket = browser.socket(stage.here(), init).await;
            socket.expect_close(4401).await;
        }
        browser.page = Some(OURS);
        browser.act("account", "signOut", "signedOut", json!({})).await;
        assert_eq!(window.expect_close(4401).await, "SIGNED_OUT");
    }
}

/// SES-2: further frontends are named by the operator; their browsers are told that they may ask (CORS), and no others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn further_origins_are_named_by_the_operator() {
    const ADMINS: &str = "https://admin.example.com";
    let stage = Stage::sqlite_with(|config| config.http.cors_origins = vec![ADMINS.parse().unwrap()]).await;
    stage.human("Ada").await;
    let mut browser = Browser::at(&stage, ADMINS);
    let signed_in = browser.sign_in().await;
    assert_eq!(browser.names(), [ACCOUNT_COOKIE]);
    assert_eq!(signed_in.headers["access-control-allow-origin"], ADMINS);
    assert_eq!(signed_in.headers["access-control-allow-credentials"], "true");
    let url = format!("http://{}/graphql", stage.here().address);
    for (origin, allowed) in [(ADMINS, true), (ELSEWHERE, false)] {
        let request = stage.http.request(Method::OPTIONS, &url).header("origin", origin);
        let request = request.header("access-control-request-method", "POST");
        let request = request.header("access-control-request-headers", "rollcall-session");
        let answer = request.send().await.expect("answered");
        assert_eq!(answer.headers().contains_key("access-control-allow-origin"), allowed, "{origin}");
    }
    stage.close().await;
}
