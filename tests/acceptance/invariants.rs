//! What holds of every account at every moment, whatever people try: random requests over the
//! shipped lifecycle, in any order, by anyone.

use proptest::prelude::*;
use stateward::account::{Account, Outcome, Revision};

use crate::fixture::*;

/// Something that somebody tries.
#[derive(Debug, Clone)]
enum Try {
    /// A request: which of [`REQUESTS`], for which of [`ACCOUNTS`], by whom it is meant for or by
    /// another of [`askers`].
    Ask(usize, usize, Option<usize>),
    /// The code of the newest attempt, or a wrong one.
    Code(bool),
    /// Time passes, and what is due happens.
    Wait(u64),
}

const ACCOUNTS: [&str; 4] = [RA1, RA2, CA1, CA2];

/// What can be asked: the transition, its inputs, acknowledged risks, and for which of [`askers`]
/// it is meant.
type Request = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
    usize,
);

const OPERATOR: usize = 0;
const ROOT: usize = 1;
const VISITOR: usize = 2;

const REQUESTS: [Request; 14] = [
    ("member_type.switch_to_cloud", &[], &["root_risk"], OPERATOR),
    ("member_type.switch_to_cloud", &[], &[], OPERATOR),
    (
        "member_type.switch_to_resource",
        &[],
        &["disable_risk"],
        OPERATOR,
    ),
    ("root_user.retrieve_password", &[], &[], VISITOR),
    ("root_user.change_password", &[], &[], ROOT),
    ("root_access_key.create", &[], &[], ROOT),
    ("root_access_key.deactivate", &[], &[], ROOT),
    ("root_access_key.activate", &[], &[], ROOT),
    ("root_access_key.delete", &[], &[], ROOT),
    (
        "mobile_phone.bind",
        &[("phone", SINGAPOREAN)],
        &[],
        OPERATOR,
    ),
    ("mobile_phone.add", &[("phone", SINGAPOREAN)], &[], ROOT),
    (
        "mobile_phone.change",
        &[("phone", OTHER_SINGAPOREAN)],
        &[],
        ROOT,
    ),
    (
        "logon_email.change",
        &[("email", "new@example.org")],
        &[],
        ROOT,
    ),
    (
        "profile.rename",
        &[("display_name", "renamed")],
        &[],
        OPERATOR,
    ),
];

fn askers(account: &str) -> [Principal; 6] {
    [
        full(),
        root_of(account),
        visitor_of(account),
        root_of(M),
        administrator(),
        administrator_of(account),
    ]
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let other = prop::option::weighted(0.2, 0..6_usize);
    let ask = (0..REQUESTS.len(), 0..ACCOUNTS.len(), other);
    let one = prop_oneof![
        5 => ask.prop_map(|(which, account, other)| Try::Ask(which, account, other)),
        4 => prop::bool::weighted(0.9).prop_map(Try::Code),
        1 => (1..90_000_u64).prop_map(Try::Wait),
    ];
    prop::collection::vec(one, 1..60)
}

/// What a reader sees of an account: its states and attributes.
fn face(account: &Account) -> String {
    let states = account
        .states
        .iter()
        .map(|(workflow, at)| format!("{workflow} {}", at.state));
    let attributes = account
        .attributes
        .iter()
        .map(|(name, value)| format!("{name} {}", value.text()));
    states.chain(attributes).collect::<Vec<_>>().join(", ")
}

fn faces(world: &World) -> Vec<String> {
    ACCOUNTS.iter().map(|id| face(&world.account(id))).collect()
}

/// Does what is tried. Returns whether the answer was that something changed.
fn applies(world: &World, newest: &mut Option<(Principal, Reply)>, what: &Try) -> bool {
    let (who, reply) = match what {
        Try::Ask(which, account, other) => {
            let account = ACCOUNTS[*account];
            let (transition, inputs, risks, meant_for) = REQUESTS[*which];
            let who = askers(account)[other.unwrap_or(meant_for)].clone();
            let mut run = request(&who, account, transition, inputs);
            run.acknowledged = risks.iter().map(|risk| risk.parse().unwrap()).collect();
            (who, world.ask(&run))
        }
        Try::Code(right) => {
            let open = newest.take().filter(|(_, asked)| !world.is_closed(asked));
            let Some((who, asked)) = open.filter(|(_, asked)| asked.waiting().sent_to.is_some())
            else {
                return false;
            };
            let code = if *right {
                world.code_for(&asked)
            } else {
                world.wrong_code_for(&asked)
            };
            let reply = world.confirm(&who, &asked, &code);
            (who, reply)
        }
        Try::Wait(long) => {
            world.pass(seconds(*long));
            world.engine().tick(100).unwrap();
            return false;
        }
    };
    world.pump();
    let applied = matches!(reply.0.outcome, Outcome::Applied { .. });
    if matches!(reply.0.outcome, Outcome::Pending { .. }) {
        *newest = Some((who, reply));
    }
    applied
}

/// What holds of an account between any two requests.
fn is_sound(account: &Account) -> Result<(), TestCaseError> {
    let state = |workflow: &str| account.states[workflow].state.to_string();
    let cloud = state("member_type") == "cloud";
    let enabled = ["enabled", "active"].contains(&state("root_user").as_str());
    prop_assert_eq!(
        cloud,
        enabled,
        "the root user is enabled exactly in a cloud account"
    );
    let bound = state("mobile_phone") == "bound";
    prop_assert_eq!(
        bound,
        account.attributes.contains_key("phone"),
        "a bound number is there"
    );
    let key = state("root_access_key") == "active";
    prop_assert!(cloud || !key, "no resource account has an active key");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// 200 sequences of up to 60 tries.
    #[test]
    fn accounts_stay_sound(tries in tries()) {
        let world = World::in_memory();
        let mut newest = None;
        let mut before = faces(&world);
        for what in &tries {
            let moved = applies(&world, &mut newest, what);
            let after = faces(&world);
            prop_assert!(moved || before == after, "{what:?} changed {before:?} to {after:?}");
            before = after;
            for id in ACCOUNTS {
                is_sound(&world.account(id))?;
            }
        }
        for id in ACCOUNTS {
            let account = world.account(id);
            let journal = world.engine().history(&account.id, Revision(0), usize::MAX).unwrap();
            let folded = journal.iter().fold(None, |so_far, entry| {
                let record = entry.record.as_ref().unwrap();
                Some(record.fold(so_far, &account.id, entry.digest).unwrap())
            });
            prop_assert_eq!(folded, Some(account), "the journal tells the same story");
        }
    }
}
