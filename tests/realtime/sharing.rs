//! Subscribers to the same share what is rendered, as the figures tell.

use serde_json::json;

use super::company::{Company, WORKSPACE_EVENTS};
use crate::support::app::{Server, Stage};
use crate::support::socket::Socket;

const SOCKETS: usize = 20;

/// A figure as `/metrics` shows it.
async fn figure(server: &Server, name: &str) -> u64 {
    let url = format!("http://{}/metrics", server.address);
    let text = reqwest::get(url).await.expect("an answer").text().await.expect("text");
    let line = text.lines().find(|line| line.split(' ').next() == Some(name)).expect("the figure is shown");
    line.split(' ').next_back().expect("a value").parse().expect("a whole number")
}

async fn figures(server: &Server) -> [u64; 4] {
    [
        figure(server, "rollcall_subscriptions").await,
        figure(server, "rollcall_subscription_groups").await,
        figure(server, "rollcall_event_executions_total").await,
        figure(server, "rollcall_deliveries_total").await,
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscribers_to_the_same_cost_one_execution_for_each_event() {
    let stage = Stage::sqlite().await;
    let company = Company::found(&stage).await;
    let cursor = company.cursor().await;
    let mut sockets = Vec::new();
    for number in 0..SOCKETS {
        let mut socket = Socket::open(stage.here(), &company.admin.token).await;
        // Ids and places are each one's own.
        let place = if number % 2 == 0 { json!({ "after": cursor }) } else { json!({}) };
        socket.listen(&format!("own {number}"), WORKSPACE_EVENTS, place).await;
        sockets.push(socket);
    }
    assert_eq!(figures(stage.here()).await, [20, 1, 0, 0]);
    for name in ["one", "two", "three"] {
        let cursor = company.register_asset(name).await;
        for (number, socket) in sockets.iter_mut().enumerate() {
            let shown = socket.next(&format!("own {number}")).await["workspaceEvents"].clone();
            assert_eq!(shown["eventCursor"], cursor);
        }
    }
    assert_eq!(figures(stage.here()).await, [20, 1, 3, 60]);
    drop(sockets);
    stage.close().await;
}

/// EVT-8: who gets other rights moves to those who have them, before the event that gives them is shown.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evt_8_other_rights_lead_to_another_group() {
    let stage = Stage::sqlite().await;
    let company = Company::found(&stage).await;
    let carol = company.hire("Carol").await;
    let mut sockets = Vec::new();
    for who in [&company.member, &carol] {
        let mut socket = Socket::open(stage.here(), &who.token).await;
        socket.listen("w", WORKSPACE_EVENTS, json!({})).await;
        sockets.push(socket);
    }
    assert_eq!(figures(stage.here()).await[..2], [2, 1]);
    company.set_role(&carol, "Admin").await;
    for socket in &mut sockets {
        assert_eq!(socket.next("w").await["workspaceEvents"]["member"]["role"]["isAdmin"], true);
    }
    let [_, groups, executions, deliveries] = figures(stage.here()).await;
    assert_eq!([groups, executions, deliveries], [2, 2, 2], "each by their own permissions");
    company.set_role(&carol, "Member").await;
    for socket in &mut sockets {
        assert_eq!(socket.next("w").await["workspaceEvents"]["member"]["role"]["isAdmin"], false);
    }
    let [_, groups, _, deliveries] = figures(stage.here()).await;
    assert_eq!([groups, deliveries], [1, 4], "and together again");
    drop(sockets);
    stage.close().await;
}
