//! Seats and money as a frontend sees them.

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{Seat, UPDATE_SEAT_PLAN};
use crate::support::people::mutation;

const BILLING: &str = "query($first: Int, $after: String) { workspace { billing { \
    plan { limit price { amount currency period } nextRenewalAt revision } balance { amount currency } balances { amount currency } \
    ledger(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { id number kind memberId member { name } \
    amount { amount currency } paidByCredit { amount } due { amount } balanceAfter { amount } coversFrom coversUntil days wholeDays \
    creditsNumber eventCursor bookedAt } } } } }";
const QUOTES: &str = "query($id: ID!) { workspace { member(id: $id) { \
    reactivationQuote { amount { amount currency } paidByCredit { amount } due { amount } coversFrom coversUntil days wholeDays } \
    deletionQuote { credit { amount currency } coversFrom coversUntil days wholeDays } \
    impact(of: DEACTIVATE) { freedSeats deletionQuote { credit { amount } } } } } }";
const TAKE_OUT: &str = "mutation($input: TakeOutCreditInput!) { takeOutCredit(input: $input) { \
    entry { kind amount { amount currency } balanceAfter { amount } memberId } entryEdge { cursor } eventCursor \
    userErrors { __typename code message field } } }";

async fn priced(stage: &Stage) -> Seat {
    let ada = stage.person("Ada").await;
    let admin = stage.workspace(&ada, "TEAM").await;
    let price = json!({ "amount": 3100, "currency": "EUR", "period": "MONTH" });
    let query = UPDATE_SEAT_PLAN
        .replace("plan { limit", "plan { price { amount currency period } nextRenewalAt limit");
    let updated = stage.done(Some(&admin.token), &query, json!({ "price": price, "limit": 9 })).await;
    assert_eq!(updated["plan"]["price"], price);
    assert_eq!(updated["plan"]["nextRenewalAt"], "2026-04-01T00:00:00.000000Z");
    assert_eq!((&updated["plan"]["limit"], &updated["plan"]["revision"]), (&json!(9), &json!(1)));
    admin
}

async fn billing_of(stage: &Stage, admin: &Seat, variables: Value) -> Value {
    stage.data(Some(&admin.token), BILLING, variables).await["workspace"]["billing"].clone()
}

async fn quotes(stage: &Stage, token: &str, member: &Seat) -> Value {
    let data = stage.data(Some(token), QUOTES, json!({ "id": member.member_id })).await;
    data["workspace"]["member"].clone()
}

on_both_stages! {
    /// SEAT-6: sums are no 32-bit numbers, and none is larger than a client's numbers hold exactly.
    async fn seat_6_sums_pass_what_an_int_holds(stage) {
        let admin = priced(stage).await;
        let three_billion = 3_000_000_000_i64;
        let input = json!({ "amount": three_billion, "currency": "EUR" });
        assert_eq!(stage.refused(Some(&admin.token), TAKE_OUT, input).await["code"], "CREDIT_TOO_LOW");
        for amount in [json!(9_007_199_254_740_992_i64), json!(-1), json!(1.5), json!("1")] {
            let input = json!({ "input": { "amount": amount, "currency": "EUR" } });
            let failed = stage.failed(Some(&admin.token), TAKE_OUT, input).await;
            assert_eq!(failed["code"], "BAD_USER_INPUT", "{amount}");
        }
        let literal = "mutation { takeOutCredit(input: { amount: 3000000000, currency: \"EUR\" }) { userErrors { code } } }";
        let written = stage.data(Some(&admin.token), literal, json!({})).await;
        assert_eq!(written["takeOutCredit"]["userErrors"][0]["code"], "CREDIT_TOO_LOW");
        let bob = stage.person("Bob").await;
        stage.join(&admin, &bob, "Member", &[]).await;
        stage.sql(&format!("UPDATE ledger_entries SET amount = {three_billion}")).await;
        let seen = billing_of(stage, &admin, json!({ "first": 10 })).await;
        assert_eq!(seen["ledger"]["nodes"][0]["amount"]["amount"], three_billion);
    }

    /// SEAT-4, SEAT-5, SEAT-6, REM-3: price, charge, quote, credit and taking it out, as a frontend would.
    async fn an_admin_sees_what_seats_cost_and_have_cost(stage) {
        let admin = priced(stage).await;
        let bob = stage.person("Bob").await;
        let bob = stage.join(&admin, &bob, "Member", &[]).await;
        let seen = billing_of(stage, &admin, json!({ "first": 10 })).await;
        assert_eq!((&seen["balance"], &seen["ledger"]["totalCount"]), (&json!({ "amount": 0, "currency": "EUR" }), &json!(1)));
        let entry = &seen["ledger"]["nodes"][0];
        assert_eq!((&entry["kind"], &entry["memberId"], &entry["member"]["name"]), (&json!("CHARGE"), &json!(bob.member_id), &json!("Bob")));
        assert_eq!((&entry["amount"]["amount"], &entry["due"]["amount"], &entry["days"], &entry["wholeDays"]), (&json!(3100), &json!(3100), &json!(31), &json!(31)));
        assert_eq!(entry["coversUntil"], "2026-04-01T00:00:00.000000Z");
        let node = stage.data(Some(&admin.token), "query($id: ID!) { node(id: $id) { __typename id } }", json!({ "id": entry["id"] })).await;
        assert_eq!(node["node"], json!({ "__typename": "LedgerEntry", "id": entry["id"] }));
        let key = stage.api_key(&admin).await;
        assert_eq!(quotes(stage, &admin.token, &bob).await["impact"], json!({ "freedSeats": 1, "deletionQuote": { "credit": { "amount": 3000 } } }));
        assert_eq!(quotes(stage, &admin.token, &bob).await["reactivationQuote"], Value::Null, "who is active costs nothing");
        stage.deactivate(&admin, &bob).await;
        let told = quotes(stage, &admin.token, &bob).await;
        assert_eq!((&told["reactivationQuote"]["amount"], &told["reactivationQuote"]["days"]), (&json!({ "amount": 0, "currency": "EUR" }), &json!(0)));
        assert_eq!((&told["deletionQuote"]["credit"]["amount"], &told["deletionQuote"]["days"]), (&json!(3000), &json!(30)));
        assert_eq!(quotes(stage, &key, &bob).await, json!({ "reactivationQuote": null, "deletionQuote": null, "impact": { "freedSeats": 0, "deletionQuote": null } }));
        let gone = json!({ "memberId": bob.member_id, "email": bob.person.email });
        stage.done(Some(&admin.token), &mutation("deleteMemberForever", "eventCursor"), gone).await;
        let taken = stage.done(Some(&admin.token), TAKE_OUT, json!({ "amount": 1000, "currency": "EUR" })).await;
        assert_eq!(taken["entry"], json!({ "kind": "TAKEN_OUT", "amount": { "amount": 1000, "currency": "EUR" }, "balanceAfter": { "amount": 2000 }, "memberId": null }));
        let cleo = stage.person("Cleo").await;
        stage.join(&admin, &cleo, "Member", &[]).await;
        let first = billing_of(stage, &admin, json!({ "first": 3 })).await["ledger"].clone();
        let numbers: Vec<&Value> = first["nodes"].as_array().unwrap().iter().map(|node| &node["number"]).collect();
        assert_eq!(numbers, [4, 3, 2]);
        let newest = &first["nodes"][0];
        assert_eq!((&newest["paidByCredit"]["amount"], &newest["due"]["amount"], &newest["balanceAfter"]["amount"]), (&json!(2000), &json!(1100), &json!(0)));
        assert_eq!((&first["nodes"][2]["kind"], &first["nodes"][2]["creditsNumber"]), (&json!("CREDIT"), &json!(1)));
        let rest = billing_of(stage, &admin, json!({ "first": 3, "after": first["pageInfo"]["endCursor"] })).await["ledger"].clone();
        assert_eq!((&rest["nodes"][0]["number"], &rest["pageInfo"]["hasNextPage"]), (&json!(1), &json!(false)));
    }

    /// SEAT-4: the job of the servers renews, each period once.
    async fn the_servers_renew_each_period_once(stage) {
        let admin = priced(stage).await;
        stage.advance_hours(31 * 24);
        for server in &stage.servers {
            server.app.run_jobs().await.expect("the jobs run");
        }
        let again = stage.sign_in_as("Ada", &admin.person.email).await;
        let admin = stage.take_seat(&again, &admin.workspace_id).await;
        let seen = billing_of(stage, &admin, json!({ "first": 10 })).await;
        assert_eq!((&seen["ledger"]["totalCount"], &seen["ledger"]["nodes"][0]["amount"]["amount"]), (&json!(1), &json!(3100)));
        assert_eq!(seen["plan"]["nextRenewalAt"], "2026-05-01T00:00:00.000000Z");
    }

    /// SEAT-4, SEAT-5: bad input names its field and changes nothing.
    async fn bad_money_names_its_field_and_changes_nothing(stage) {
        let admin = priced(stage).await;
        let before = stage.event_types(&admin.workspace_id).await;
        let token = Some(admin.token.as_str());
        let price = |amount: i64, currency: &str| json!({ "price": { "amount": amount, "currency": currency, "period": "MONTH" } });
        for (input, field) in [
            (price(0, "EUR"), json!(["input", "price", "amount"])),
            (price(1_000_000_001, "EUR"), json!(["input", "price", "amount"])),
            (price(5, "eur"), json!(["input", "price", "currency"])),
            (price(5, "EURO"), json!(["input", "price", "currency"])),
        ] {
            let refusal = stage.refused(token, UPDATE_SEAT_PLAN, input).await;
            assert_eq!((&refusal["code"], &refusal["field"]), (&json!("INVALID_INPUT"), &field));
        }
        for (input, code, field) in [
            (json!({ "amount": 0, "currency": "EUR" }), "INVALID_INPUT", "amount"),
            (json!({ "amount": 1, "currency": "" }), "INVALID_INPUT", "currency"),
            (json!({ "amount": 1, "currency": "EUR" }), "CREDIT_TOO_LOW", "amount"),
        ] {
            let refusal = stage.refused(token, TAKE_OUT, input).await;
            assert_eq!((&refusal["code"], &refusal["field"]), (&json!(code), &json!(["input", field])));
        }
        assert_eq!(stage.event_types(&admin.workspace_id).await, before);
    }

    /// WSP-3, API-3: money is for admins in their own session.
    async fn money_is_for_admins_in_their_own_session(stage) {
        let admin = priced(stage).await;
        let bob = stage.person("Bob").await;
        let bob = stage.join(&admin, &bob, "Member", &[]).await;
        let key = stage.api_key(&admin).await;
        for token in [&bob.token, &key] {
            assert_eq!(stage.failed(Some(token), BILLING, json!({})).await["code"], "FORBIDDEN");
            let input = json!({ "input": { "amount": 1, "currency": "EUR" } });
            assert_eq!(stage.failed(Some(token), TAKE_OUT, input).await["code"], "FORBIDDEN");
        }
        let entry = billing_of(stage, &admin, json!({ "first": 1 })).await["ledger"]["nodes"][0]["id"].clone();
        for token in [&bob.token, &key] {
            let node = stage.data(Some(token), "query($id: ID!) { node(id: $id) { id } }", json!({ "id": entry })).await;
            assert_eq!(node["node"], Value::Null);
        }
    }
}
