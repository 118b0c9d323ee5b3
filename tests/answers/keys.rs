//! Idempotency keys over real HTTP: the first answer again, on any server, for whoever still holds the credential.

use rollcall::access::{Never, answers};
use rollcall::graphql::keyed::Secretive;
use rollcall::graphql::schema;
use rollcall::primitives::ids::{AccountId, WorkspaceId};
use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::{Server, Stage};
use crate::support::cast::{
    BLOCK, CREATE_API_KEY, CREATE_WORKSPACE, REGISTER_ASSET, SET_ROLE, SIGN_IN, Seat, UNBLOCK,
};

/// A request under a key: the status, and the whole answer.
pub async fn keyed(
    stage: &Stage,
    server: &Server,
    (token, key): (Option<&str>, &str),
    (query, variables): (&str, Value),
) -> (u16, Value) {
    let mut request = stage
        .http
        .post(format!("http://{}/graphql", server.address))
        .header("accept", "application/graphql-response+json")
        .header("idempotency-key", key)
        .json(&json!({ "query": query, "variables": variables }));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.expect("it answers");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

pub fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no error: {answer:#}"))
}

pub(super) async fn company(stage: &Stage) -> (Seat, Seat) {
    let (ada, bob) = (stage.person("Ada").await, stage.person("Bob").await);
    let admin = stage.workspace(&ada, "TEAM").await;
    let member = stage.join(&admin, &bob, "Member", &[]).await;
    (admin, member)
}

pub(super) async fn count(stage: &Stage, sql: &str) -> i64 {
    stage.sql(sql).await[0].try_get("", "it").expect("a number")
}

const BLOCKS: &str = "SELECT COUNT(*) AS it FROM events WHERE type = 'MemberBlocked'";

on_both_stages! {
    /// LIF-6: the first answer, word for word, on the other server too; and one effect.
    async fn lif_6_a_repeated_call_gets_the_first_answer(stage) {
        let (admin, member) = company(stage).await;
        let token = Some(admin.token.as_str());
        let block = || (BLOCK, json!({ "input": { "memberId": member.member_id, "category": "OTHER", "note": "n" } }));
        let (status, first) = keyed(stage, stage.here(), (token, "one"), block()).await;
        assert_eq!((status, &first["data"]["blockMember"]["member"]["status"]), (200, &json!("BLOCKED")), "{first:#}");
        for server in [stage.elsewhere(), stage.here()] {
            let (status, again) = keyed(stage, server, (token, "one"), block()).await;
            assert_eq!((status, again.to_string()), (200, first.to_string()));
        }
        // The same body, written another way.
        let other_order = json!({ "input": { "note": "n", "category": "OTHER", "memberId": member.member_id } });
        let (_, again) = keyed(stage, stage.elsewhere(), (token, "one"), (BLOCK, other_order)).await;
        assert_eq!(again, first);
        assert_eq!(count(stage, BLOCKS).await, 1);
        // Without the key, or with another one, what took effect is an ordinary refusal (LIF-2).
        let (_, another) = keyed(stage, stage.here(), (token, "two"), block()).await;
        assert_eq!(another["data"]["blockMember"]["userErrors"][0]["code"], "NOT_ALLOWED_IN_STATUS");
        // And that refusal is an answer as well: it stays, also when it would be allowed meanwhile.
        stage.unblock(&admin, &member).await;
        let (_, refused) = keyed(stage, stage.elsewhere(), (token, "two"), block()).await;
        assert_eq!(refused, another);
        assert_eq!(count(stage, BLOCKS).await, 1);
    }

    /// LIF-6, REV-1: the answer that an admin got isn't told to whom they have become since.
    async fn lif_6_an_answer_for_admins_is_not_repeated_to_somebody_demoted(stage) {
        let (admin, bob) = company(stage).await;
        let carl = stage.person("Carl").await;
        let other = stage.join(&admin, &carl, "Admin", &[]).await;
        let token = Some(other.token.as_str());
        let block = || (BLOCK, json!({ "input": { "memberId": bob.member_id, "category": "OTHER", "note": "n" } }));
        let (_, first) = keyed(stage, stage.here(), (token, "one"), block()).await;
        assert_eq!(first["data"]["blockMember"]["member"]["block"]["note"], "n");
        let set = |role: String| json!({ "memberId": other.member_id, "roleId": role });
        let member = stage.role(&admin, "Member").await;
        stage.done(Some(&admin.token), SET_ROLE, set(member)).await;
        for server in &stage.servers {
            let (_, refused) = keyed(stage, server, (token, "one"), block()).await;
            assert_eq!(code(&refused), "FORBIDDEN", "{refused:#}");
        }
        let role = stage.role(&admin, "Admin").await;
        stage.done(Some(&admin.token), SET_ROLE, set(role)).await;
        let (_, again) = keyed(stage, stage.elsewhere(), (token, "one"), block()).await;
        assert_eq!(again, first);
    }

    /// LIF-6, BLK-10: what a key was refused it is told again, in the same words.
    async fn lif_6_a_keys_own_refusal_is_repeated(stage) {
        let (admin, bob) = company(stage).await;
        stage.block(&admin, &bob).await;
        let key = stage.api_key(&admin).await;
        let unblock = || (UNBLOCK, json!({ "input": { "memberId": bob.member_id } }));
        let (_, first) = keyed(stage, stage.here(), (Some(&key), "one"), unblock()).await;
        assert_eq!(first["data"]["unblockMember"]["userErrors"][0]["code"], "BLOCKED_REQUIRES_ADMIN");
        let (_, again) = keyed(stage, stage.elsewhere(), (Some(&key), "one"), unblock()).await;
        assert_eq!(again, first);
    }

    async fn lif_6_another_body_under_the_same_key_is_an_error_of_its_own(stage) {
        let (admin, member) = company(stage).await;
        let token = Some(admin.token.as_str());
        let input = |note: &str| json!({ "input": { "memberId": member.member_id, "note": note } });
        keyed(stage, stage.here(), (token, "key"), (BLOCK, input("one"))).await;
        for body in [(BLOCK, input("two")), (UNBLOCK, input("one"))] {
            let (status, refused) = keyed(stage, stage.elsewhere(), (token, "key"), body).await;
            assert_eq!((status, code(&refused)), (422, "IDEMPOTENCY_KEY_REUSED"));
            assert_eq!(refused["errors"][0]["extensions"]["retryable"], false);
        }
    }

    /// LIF-6: of many at once one is run; the others hear so, or get its answer.
    async fn lif_6_many_at_once_under_one_key_have_one_effect(stage) {
        let (admin, _) = company(stage).await;
        let ask = |number: usize| {
            let server = if number.is_multiple_of(2) { stage.here() } else { stage.elsewhere() };
            let input = json!({ "input": { "kind": "FLOW", "name": "One", "externalId": "one" } });
            keyed(stage, server, (Some(&admin.token), "same"), (REGISTER_ASSET, input))
        };
        let answers = futures_util::future::join_all((0..12).map(ask)).await;
        let mut done = Vec::new();
        for (status, answer) in answers {
            if status == 200 {
                done.push(answer);
            } else {
                assert_eq!((status, code(&answer)), (409, "IDEMPOTENCY_KEY_IN_USE"));
                assert_eq!(answer["errors"][0]["extensions"]["retryable"], true);
            }
        }
        assert!(!done.is_empty() && done.iter().all(|answer| *answer == done[0]), "{done:#?}");
        assert_eq!(done[0]["data"]["registerAsset"]["userErrors"], json!([]));
        assert_eq!(count(stage, "SELECT COUNT(*) AS it FROM events WHERE type = 'AssetRegistered'").await, 1);
    }

    /// LIF-6: 24 hours by the service's clock.
    async fn lif_6_a_key_lives_for_a_day(stage) {
        let (admin, _) = company(stage).await;
        let key = stage.api_key(&admin).await;
        let ask = async |name: &str| {
            let input = json!({ "input": { "kind": "FLOW", "name": "x", "externalId": name } });
            keyed(stage, stage.here(), (Some(&key), "daily"), (REGISTER_ASSET, input)).await
        };
        let (_, first) = ask("one").await;
        stage.clock.advance_seconds(24 * 3600 - 1);
        assert_eq!(ask("one").await.1, first);
        assert_eq!(code(&ask("two").await.1), "IDEMPOTENCY_KEY_REUSED");
        stage.clock.advance_seconds(1);
        let (status, second) = ask("two").await;
        assert_eq!((status, &second["data"]["registerAsset"]["userErrors"]), (200, &json!([])), "{second:#}");
        stage.advance_hours(24);
        stage.run_jobs().await;
        assert_eq!(count(stage, "SELECT COUNT(*) AS it FROM answers").await, 0, "the purge takes it away");
    }

    /// LIF-6: the credential is checked anew; its keys are its own.
    async fn lif_6_nobody_gets_an_answer_whose_credential_has_ended(stage) {
        let (admin, second) = company(stage).await;
        let role = stage.role(&admin, "Admin").await;
        stage.done(Some(&admin.token), SET_ROLE, json!({ "memberId": second.member_id, "roleId": role })).await;
        let second = stage.take_seat(&second.person, &admin.workspace_id).await;
        let asset = || (REGISTER_ASSET, json!({ "input": { "kind": "FLOW", "name": "x", "externalId": "x" } }));
        let (_, first) = keyed(stage, stage.here(), (Some(&second.token), "mine"), asset()).await;
        assert_eq!(first["data"]["registerAsset"]["userErrors"], json!([]));
        // Another credential of the same person has keys of its own.
        let other = stage.take_seat(&second.person, &admin.workspace_id).await;
        let (_, refused) = keyed(stage, stage.here(), (Some(&other.token), "mine"), asset()).await;
        assert_eq!(refused["data"]["registerAsset"]["userErrors"][0]["code"], "ALREADY_EXISTS");
        stage.block(&admin, &second).await;
        let (status, out) = keyed(stage, stage.elsewhere(), (Some(&second.token), "mine"), asset()).await;
        assert_eq!((status, code(&out)), (401, "UNAUTHENTICATED"));
        assert_eq!(out["errors"][0]["extensions"]["sessionEnd"]["cause"], "BLOCKED");
    }

    /// SES-2: what carries a secret takes no key, and changes nothing.
    async fn ses_2_a_call_with_a_secret_takes_no_key(stage) {
        let (admin, _) = company(stage).await;
        let input = json!({ "input": { "name": "sync" } });
        let (status, refused) = keyed(stage, stage.here(), (Some(&admin.token), "k"), (CREATE_API_KEY, input)).await;
        assert_eq!((status, code(&refused)), (400, "BAD_USER_INPUT"));
        assert_eq!(refused["errors"][0]["extensions"]["field"], json!(["Idempotency-Key"]));
        assert_eq!(count(stage, "SELECT COUNT(*) AS it FROM api_keys").await, 0);
        let sign_in = json!({ "input": { "email": "ada@example.com", "password": "x" } });
        let (_, refused) = keyed(stage, stage.here(), (None, "k"), (SIGN_IN, sign_in)).await;
        assert_eq!(code(&refused), "BAD_USER_INPUT");
        assert_eq!(count(stage, "SELECT COUNT(*) AS it FROM answers").await, 0);
    }

    async fn a_key_that_cannot_be_is_refused_and_changes_nothing(stage) {
        let (admin, member) = company(stage).await;
        let token = Some(admin.token.as_str());
        let block = || json!({ "input": { "memberId": member.member_id } });
        for key in ["", "two words", &"x".repeat(201)] {
            let (status, refused) = keyed(stage, stage.here(), (token, key), (BLOCK, block())).await;
            assert_eq!((status, code(&refused)), (400, "BAD_REQUEST"), "{key:?}");
        }
        let two = "mutation($input: BlockMemberInput!) { a: blockMember(input: $input) { eventCursor } b: blockMember(input: $input) { eventCursor } }";
        for query in ["{ workspace { id } }", two] {
            let (status, refused) = keyed(stage, stage.here(), (token, "k"), (query, block())).await;
            assert_eq!((status, code(&refused)), (400, "BAD_USER_INPUT"), "{query}");
        }
        let public = "mutation { requestPasswordReset(input: { email: \"ada@example.com\" }) { mailedTo } }";
        let (_, refused) = keyed(stage, stage.here(), (None, "k"), (public, json!({}))).await;
        assert_eq!(code(&refused), "BAD_USER_INPUT", "a key belongs to a credential");
        assert_eq!(count(stage, BLOCKS).await, 0);
    }

    /// A failure that changed nothing isn't kept: the key is free for the next try.
    async fn what_failed_without_effect_may_be_asked_again(stage) {
        let (admin, member) = company(stage).await;
        let asset = || (REGISTER_ASSET, json!({ "input": { "kind": "FLOW", "name": "x", "externalId": "x" } }));
        let (status, forbidden) = keyed(stage, stage.here(), (Some(&member.token), "k"), asset()).await;
        assert_eq!((status, code(&forbidden)), (403, "FORBIDDEN"));
        assert_eq!(count(stage, "SELECT COUNT(*) AS it FROM answers").await, 0);
        let _ = admin;
    }

    /// A person's own calls have keys too.
    async fn lif_6_an_account_session_has_keys_of_its_own(stage) {
        let ada = stage.person("Ada").await;
        let create = || (CREATE_WORKSPACE, json!({ "input": { "name": "Engine", "kind": "TEAM" } }));
        let (_, first) = keyed(stage, stage.here(), (Some(&ada.token), "k"), create()).await;
        let (_, again) = keyed(stage, stage.elsewhere(), (Some(&ada.token), "k"), create()).await;
        assert_eq!(first, again);
        assert_eq!(count(stage, "SELECT COUNT(*) AS it FROM workspaces").await, 1);
    }

    /// BLK-10: a refused attempt leaves its record once, however often the call is repeated under its key.
    async fn blk_10_a_refused_attempt_under_a_key_is_recorded_once(stage) {
        let (admin, member) = company(stage).await;
        let key = stage.api_key(&admin).await;
        stage.block(&admin, &member).await;
        let unblock = || (UNBLOCK, json!({ "input": { "memberId": member.member_id } }));
        let (_, first) = keyed(stage, stage.here(), (Some(&key), "k"), unblock()).await;
        assert_eq!(first["data"]["unblockMember"]["userErrors"][0]["code"], "BLOCKED_REQUIRES_ADMIN");
        let (_, again) = keyed(stage, stage.elsewhere(), (Some(&key), "k"), unblock()).await;
        assert_eq!(again, first);
        let records = "SELECT COUNT(*) AS it FROM events WHERE type = 'RefusedAttemptRecorded'";
        assert_eq!(count(stage, records).await, 1);
    }

    /// DEL-1: an answer that was forgotten can't be given again; that the call took effect is remembered.
    async fn del_1_a_forgotten_answer_is_never_run_again(stage) {
        let (admin, member) = company(stage).await;
        let block = || (BLOCK, json!({ "input": { "memberId": member.member_id } }));
        keyed(stage, stage.here(), (Some(&admin.token), "k"), block()).await;
        let told = "SELECT COUNT(*) AS it FROM answers WHERE answer LIKE '%BLOCKED%'";
        assert_eq!(count(stage, told).await, 1);
        let workspace = WorkspaceId::parse(&admin.workspace_id).expect("an id");
        let tx = stage.here().app.gate.by_job::<Never>(workspace).await.expect("it opens");
        answers::forget_in_workspace(&tx).await.expect("it answers");
        tx.commit_refusal().await.expect("it ends");
        assert_eq!(count(stage, told).await, 0);
        stage.unblock(&admin, &member).await;
        let (status, lost) = keyed(stage, stage.elsewhere(), (Some(&admin.token), "k"), block()).await;
        assert_eq!((status, code(&lost)), (409, "ANSWER_LOST"));
        assert_eq!(count(stage, BLOCKS).await, 1);
    }
}

on_both_stages! {
    /// DEL-1: a person's own answers go with their account; one that is on its way is not kept either.
    async fn del_1_answers_of_a_person_go_and_none_comes_after(stage) {
        use rollcall::access::answers::{Claimed, KeyLimit, KeyedCall};
        use rollcall::primitives::idempotency::Digest;

        let ada = stage.person("Ada").await;
        let data = stage.data(Some(&ada.token), "{ viewer { account { id } } }", json!({})).await;
        let account = AccountId::parse(data["viewer"]["account"]["id"].as_str().expect("an id")).expect("an id");
        let gate = &stage.here().app.gate;
        let call = KeyedCall {
            credential: uuid::Uuid::now_v7(), holder: account.as_uuid(), key: Digest::of(&[b"k"]), body: Digest::of(&[b"b"]),
            account, workspace: None,
        };
        let Claimed::Mine(claim) = answers::claim(gate, KeyLimit { keys_max: 1 }, &call).await.expect("it answers") else { panic!("not mine") };
        let mut tx = gate.account_by_job::<Never>(account).await.expect("it opens");
        answers::forget_of_account(&tx).await.expect("it answers");
        tx.announce(rollcall::platform::journal::NewEvent {
            kind: "ChairMoved", version: 1, audience: rollcall::primitives::actor::Audience::Subject, subject: None,
            effect: None, payload: json!({}), occurred_at: None,
        });
        tx.commit().await.expect("it ends");
        answers::settle(gate, claim, Some("{\"name\":\"Ada\"}".into())).await.expect("it answers");
        assert_eq!(count(stage, "SELECT COUNT(*) AS it FROM answers WHERE answer IS NOT NULL").await, 0);
    }
}

/// The mutations that take no key, by name: whatever is new and carries a secret is among them by itself.
#[test]
fn mutations_with_a_secret_are_known_by_their_fields() {
    let secretive = Secretive::of(schema::definitions());
    let names = secretive.names();
    for name in [
        "acceptInvitation",
        "changeEmail",
        "changePassword",
        "createApiKey",
        "declineInvitation",
        "enterWorkspace",
        "resetPassword",
        "signIn",
        "signUp",
        "verifyEmail",
    ] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    for name in ["blockMember", "inviteMembers", "createWorkspace", "signOut"] {
        assert!(!secretive.has(name), "{name}");
    }
}
