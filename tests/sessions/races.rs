//! What may happen at once, with real concurrency.

use rollcall::access::{Failure, Proof};
use rollcall::members::{self, BlockMember, UnblockMember};
use rollcall::sessions::{self, EnterRefusal, EnterWorkspace};

use crate::support::gate::{House, LIFETIMES, client};

const ROUNDS: usize = 12;
const AT_ONCE: usize = 4;

/// REV-1, BLK-3: whoever enters while being blocked is refused, or holds a session that is dead when the block is
/// answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_inside_once_their_block_was_answered_however_they_were_entering() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let bob = house.person("bob@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        let member = house.join(&place, &bob, &place.other).await;
        let admin = house.enter(&ada, &place).await;
        for round in 0..ROUNDS {
            let enterings: Vec<_> = (0..AT_ONCE)
                .map(|_| {
                    let (gate, proof) = (house.gate.clone(), bob.proof.clone());
                    let request = EnterWorkspace { workspace: place.id, client: client() };
                    tokio::spawn(
                        async move { sessions::enter_workspace(&gate, LIFETIMES, &proof, request).await },
                    )
                })
                .collect();
            let request = BlockMember { member: member.id, category: None, note: None, review_at: None };
            members::block(&house.gate, &admin.proof, request).await.expect("blocked");
            for entering in enterings {
                match entering.await.expect("it ran") {
                    Ok(entered) => {
                        let held = house.workspace_proof(&entered.token).await;
                        assert!(held.is_err(), "round {round}: let in after the block was answered");
                    }
                    Err(Failure::Refused(EnterRefusal::Blocked(_))) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            let request =
                UnblockMember { member: member.id, category: None, note: None, into_deactivated: false };
            members::unblock(&house.gate, &admin.proof, request).await.expect("unblocked");
        }
    }
}

/// REV-1, SES-3: the same for signing out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_inside_once_their_signing_out_was_answered_however_they_were_entering() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        for round in 0..ROUNDS {
            let person = house.again("ada@example.com").await;
            let enterings: Vec<_> = (0..AT_ONCE)
                .map(|_| {
                    let (gate, proof) = (house.gate.clone(), person.proof.clone());
                    let request = EnterWorkspace { workspace: place.id, client: client() };
                    tokio::spawn(
                        async move { sessions::enter_workspace(&gate, LIFETIMES, &proof, request).await },
                    )
                })
                .collect();
            let proof = Proof::Account(person.proof.clone());
            sessions::sign_out(&house.gate, &proof).await.expect("signed out");
            for entering in enterings {
                match entering.await.expect("it ran") {
                    Ok(entered) => {
                        let held = house.workspace_proof(&entered.token).await;
                        assert!(held.is_err(), "round {round}: let in after signing out was answered");
                    }
                    Err(Failure::Unauthenticated(Some(_))) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
        }
    }
}
