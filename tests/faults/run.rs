//! One run: the people at work, the nemesis at theirs, then calm, and what the database holds at the end.
//!
//! Never judges; it hands the record to the checker.

use std::sync::Arc;
use std::time::Duration;

use rollcall::platform::database::Database;
use rollcall::platform::journal::{StreamId, read_after};
use rollcall::primitives::ids::{AccountId, WorkspaceId};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::checker::{self, Terms, Violation};
use super::clients::World;
use super::clients::cast::{Office, Seat, Staff};
use super::clients::castle::Castle;
use super::clients::drill::{Drill, Habit};
use super::clients::lodger::Lodger;
use super::clients::reading::Place;
use super::clients::roles::Tailor;
use super::clients::{inviter, keyring, mortal};
use super::cluster::Cluster;
use super::dice::Dice;
use super::nemesis::{self, Blow};
use super::record::{Journal, Micros, Record, Recorder, SECOND};

/// How long what jobs do may take. The checker says that something is missing; this only ends the waiting.
const FOLLOWED_MAX: Micros = 30 * SECOND;

/// How long a run is, and how many play in it.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub seed: u64,
    pub seconds: u64,
    pub offices: usize,
    /// Who is put out, for each office.
    pub drilled: usize,
    /// Do roles change meanwhile, and people and workspaces end for good?
    pub endings: bool,
    pub hands: [&'static [Blow]; 2],
    pub terms: Terms,
}

impl Plan {
    /// Who plays in an office: what ends for good, and roles, are spread over them.
    fn staff(&self, number: usize) -> Staff {
        let here = |turn: usize| self.endings && turn % self.offices == number;
        // Somebody lives for about ten seconds.
        let mortals = 2 + usize::try_from(self.seconds / 10).expect("a run is short");
        Staff {
            drilled: self.drilled,
            holders: if here(0) { 2 } else { 0 },
            lodgers: usize::from(here(1)),
            mortals: if here(0) { mortals } else { 0 },
            household: here(1),
        }
    }
}

/// What a run left.
pub struct Ended {
    pub record: Record,
    pub journal: Journal,
    pub violations: Vec<Violation>,
    pub last_words: String,
    /// Errors that the servers logged as defects of their own.
    pub defects: Vec<String>,
}

pub async fn run(cluster: Cluster, plan: Plan) -> Ended {
    let cluster = Arc::new(cluster);
    let mut stage = Stage::set(&cluster, plan.seed).await;
    let clients = stage.open(plan).await;
    stage.world.recorder.with().since = stage.heads().await;
    let working = clients.begin(&stage.world, plan);
    nemesis::rage(&cluster, &stage.world.recorder, plan.hands, plan.seconds).await;
    cluster.ready().await;
    stage.healed();
    tokio::time::sleep(Duration::from_secs(1)).await;
    stage.stop_work(working).await;
    stage.end(plan.terms, &cluster).await
}

/// What a run is played on.
pub struct Stage {
    pub world: World,
    over: watch::Sender<bool>,
    curtain: watch::Sender<bool>,
    readers: JoinSet<()>,
    streams: Vec<StreamId>,
}

/// The offices, with the places from which their people read on.
pub struct Clients {
    offices: Vec<(Office, Vec<Place>)>,
}

impl Stage {
    pub async fn set(cluster: &Cluster, seed: u64) -> Self {
        let (over, is_over) = watch::channel(false);
        let (curtain, fallen) = watch::channel(false);
        let world = World {
            recorder: Recorder::new(seed),
            http: reqwest::Client::builder().build().expect("a client"),
            fronts: Arc::new(cluster.servers.iter().map(|server| server.front.address).collect()),
            database: cluster.open_database().await,
            operator: cluster.direct.as_str().into(),
            over: is_over,
            curtain: fallen,
        };
        Self { world, over, curtain, readers: JoinSet::new(), streams: Vec::new() }
    }

    /// Makes the offices, and lets those read who stay.
    pub async fn open(&mut self, plan: Plan) -> Clients {
        let mut offices = Vec::new();
        for number in 0..plan.offices {
            let office = self.world.office(number, plan.staff(number)).await;
            self.streams.push(StreamId::Workspace(WorkspaceId::from_uuid(office.plain.workspace)));
            for (at, seat) in office.admins.iter().enumerate() {
                let name = format!("admin {at} of office {number}");
                let place = self.world.workspace_place(name, seat, true, true).await;
                self.read(place, seat.token.clone());
            }
            let name = format!("plain member of office {number}");
            let place = self.world.workspace_place(name, &office.plain, false, true).await;
            self.read(place, office.plain.token.clone());
            for (at, seat) in office.holders.iter().enumerate() {
                let name = format!("holder {at} of a role of office {number}");
                let place = self.world.workspace_place(name, seat, false, true).await;
                self.read(place, seat.token.clone());
            }
            self.read_endings(&office, number).await;
            let mut places = Vec::new();
            for (at, seat) in office.drilled.iter().enumerate() {
                self.streams.push(StreamId::Account(AccountId::from_uuid(seat.person.account)));
                let phone = format!("phone of drilled {at} of office {number}");
                let place = self.world.viewer_place(phone, &seat.person).await;
                self.read(place, seat.person.phone.clone());
                let name = format!("drilled {at} of office {number}");
                places.push(self.world.workspace_place(name, seat, true, false).await);
            }
            offices.push((office, places));
        }
        Clients { offices }
    }

    /// The streams of those who end for good, and those of their phones that stay.
    async fn read_endings(&mut self, office: &Office, number: usize) {
        let seats = office.household.iter().flat_map(|household| &household.seats);
        let mortals = office.mortals.iter().chain(seats.clone()).map(|seat| &seat.person);
        let persons = mortals.chain(&office.lodgers).map(|person| person.account);
        self.streams.extend(persons.map(|account| StreamId::Account(AccountId::from_uuid(account))));
        let stay = office.lodgers.iter().chain(seats.map(|seat| &seat.person));
        for (at, person) in stay.enumerate() {
            let phone = format!("phone of guest {at} of office {number}");
            let place = self.world.viewer_place(phone, person).await;
            self.read(place, person.phone.clone());
        }
        if let Some(household) = &office.household {
            let workspace = household.seats[0].workspace;
            self.streams.push(StreamId::Workspace(WorkspaceId::from_uuid(workspace)));
        }
    }

    /// Reads on until the curtain falls.
    fn read(&mut self, mut place: Place, token: super::clients::Token) {
        let (world, curtain) = (self.world.clone(), self.world.curtain.clone());
        let mut dice = Dice::new(world.recorder.with().seed, &format!("reader {}", place.reader.0));
        self.readers.spawn(async move {
            place.follow(&world, &token, &mut dice, curtain).await;
        });
    }

    pub async fn heads(&self) -> std::collections::BTreeMap<uuid::Uuid, i64> {
        let journal = self.journal(Journal::default()).await;
        journal.0.into_iter().map(|(stream, events)| (stream, events.last().map_or(0, |it| it.seq))).collect()
    }

    pub fn healed(&self) {
        let now = self.world.recorder.now();
        self.world.recorder.with().healed_at = now;
    }

    /// Ends the work.
    pub async fn stop_work(&self, mut working: JoinSet<()>) {
        self.over.send_replace(true);
        while let Some(ended) = working.join_next().await {
            ended.expect("a client does not break");
        }
    }

    /// Waits until all has arrived, or the time for it is over; what was in the journal when the waiting began.
    pub async fn wait_until_read(&self, terms: Terms) -> Journal {
        let recorder = &self.world.recorder;
        let journal = self.journal(Journal::default()).await;
        let deadline = {
            let mut record = recorder.with();
            record.stopped_at = recorder.now();
            record.stopped_at.max(record.healed_at) + terms.delivered_within
        };
        while recorder.now() < deadline {
            if checker::late(&recorder.with(), &journal, terms.delivered_within).is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        journal
    }

    /// Waits until what follows from an end by itself is there, or the time for it is over: jobs do it.
    async fn wait_until_followed(&self) {
        let recorder = &self.world.recorder;
        let (deadline, mut journal) = (recorder.now() + FOLLOWED_MAX, Journal::default());
        while recorder.now() < deadline {
            journal = self.journal(journal).await;
            if checker::unfollowed(&recorder.with(), &journal).is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Waits for the last deliveries and has everything checked.
    pub async fn end(mut self, terms: Terms, cluster: &Cluster) -> Ended {
        let recorder = self.world.recorder.clone();
        self.wait_until_followed().await;
        let mut journal = self.wait_until_read(terms).await;
        recorder.with().settled =
            journal.0.iter().map(|(id, events)| (*id, events.last().map_or(0, |it| it.seq))).collect();
        let record = recorder.with().clone();
        self.curtain.send_replace(true);
        while self.readers.join_next().await.is_some() {}
        journal = self.journal(journal).await;
        let violations = checker::check(&record, &journal, terms);
        let last_words = cluster.last_words();
        let defects = cluster.log_lines("ERROR");
        self.world.database.close().await;
        Ended { record, journal, violations, last_words, defects }
    }

    /// What the journal holds beyond what is known of it.
    async fn journal(&self, mut known: Journal) -> Journal {
        for stream in &self.streams {
            let events = known.0.entry(stream.as_uuid()).or_default();
            loop {
                let after = events.last().map_or(0, |event| event.seq);
                let read = read_some(&self.world.database, *stream, after).await;
                if read.is_empty() {
                    break;
                }
                events.extend(read);
            }
        }
        known
    }
}

/// A connection that the nemesis broke is found out by the first who uses it.
async fn read_some(
    database: &Database,
    stream: StreamId,
    after: i64,
) -> Vec<rollcall::platform::journal::Event> {
    for _ in 0..20 {
        if let Ok(events) = read_after(database.reader(), stream, after, 5000).await {
            return events;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the journal can't be read at the end");
}

impl Clients {
    /// Of the first office.
    pub fn admin_and_drilled(&self) -> (Seat, Vec<Seat>) {
        let (office, _) = &self.offices[0];
        (office.admins[0].clone(), office.drilled.clone())
    }

    /// Of the first office.
    pub fn admins_and_one_drilled(&self) -> Vec<Seat> {
        let (office, _) = &self.offices[0];
        office.admins.iter().chain(office.drilled.first()).cloned().collect()
    }

    /// Everybody goes to work.
    pub fn begin(self, world: &World, plan: Plan) -> JoinSet<()> {
        let mut working = JoinSet::new();
        for (number, (office, places)) in self.offices.into_iter().enumerate() {
            let dice = |name: &str| Dice::new(plan.seed, &format!("{name} of office {number}"));
            for (at, (seat, place)) in office.drilled.iter().zip(places).enumerate() {
                let admin = office.admins[at % office.admins.len()].token.clone();
                // The last of an office is demoted again and again; the others are put out.
                let last = at + 1 == office.drilled.len();
                let habit = if last { Habit::Demoted } else { Habit::PutOut };
                let roles = [office.admin_role.clone(), office.plain_role.clone()];
                let dice = dice(&format!("drilled {at}"));
                let drill =
                    Drill { world: world.clone(), seat: seat.clone(), admin, roles, place, habit, dice };
                working.spawn(async move { drop(drill.run().await) });
            }
            let [first, second] = [&office.admins[0], &office.admins[1]];
            let keys = keyring::run(world.clone(), first.clone(), second.token.clone(), dice("keys"));
            working.spawn(keys);
            begin_endings(world, &office, &mut working, &dice);
            let guests = (second.clone(), office.plain_role.clone(), dice("guests"));
            working.spawn(inviter::run(world.clone(), guests.0, guests.1, guests.2));
        }
        working
    }
}

/// Those whose roles change, and those who end for good.
fn begin_endings(world: &World, office: &Office, working: &mut JoinSet<()>, dice: &impl Fn(&str) -> Dice) {
    let admins = [office.admins[0].clone(), office.admins[1].clone()];
    if !office.holders.is_empty() {
        let admins = admins.clone().map(|seat| seat.token);
        let (holders, plain_role) = (office.holders.clone(), office.plain_role.clone());
        let tailor = Tailor { world: world.clone(), admins, holders, plain_role, dice: dice("roles") };
        working.spawn(tailor.run());
    }
    for person in office.lodgers.clone() {
        let (admins, admin_role) = (admins.clone(), office.admin_role.clone());
        let lodger = Lodger { world: world.clone(), person, admins, admin_role, dice: dice("lodger") };
        working.spawn(lodger.run());
    }
    if !office.mortals.is_empty() {
        working.spawn(mortal::run(world.clone(), office.mortals.clone(), dice("mortals")));
    }
    if let Some(household) = office.household.clone() {
        working.spawn(Castle { world: world.clone(), household, dice: dice("castle") }.run());
    }
}
