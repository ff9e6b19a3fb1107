//! What is done in a run, and what goes wrong, by chance.

use acceptance::model::{Ms, Step};
use stateward::testing::Chance;

/// How likely what is in one run, in percent of its steps. Runs differ, so that there are some in
/// which one thing goes wrong again and again.
#[derive(Debug, Clone, Copy)]
pub struct Temper {
    pub failure: u64,
    pub power: u64,
    pub between: u64,
    pub courier: u64,
    pub full: u64,
    pub read: u64,
    pub restart: u64,
    pub checkpoint: u64,
    pub back: u64,
}

impl Temper {
    pub fn draw(chance: &mut Chance) -> Self {
        let mut likely = |most: u64| {
            let drawn = chance.below(3);
            drawn * most / 2
        };
        Self {
            failure: likely(12),
            power: likely(16),
            between: likely(40),
            courier: likely(20),
            full: likely(6),
            read: likely(4),
            restart: likely(6),
            checkpoint: likely(20),
            back: likely(10),
        }
    }
}

/// Accounts of a run.
const ACCOUNTS: u64 = 3;

/// The next step.
pub fn step(chance: &mut Chance, temper: &Temper) -> Step {
    let account = u8::try_from(chance.below(ACCOUNTS)).unwrap();
    if chance.percent(temper.back) {
        return Step::Advance(-back(chance));
    }
    match chance.below(28) {
        0 | 1 => Step::Create(account),
        2..8 => Step::Bind(
            account,
            u8::try_from(chance.below(4)).unwrap(),
            chance.percent(70),
        ),
        8..11 => Step::Acknowledge(account),
        11..17 => Step::Code(account, chance.percent(70)),
        17..20 => Step::Resend(account),
        20 => Step::Cancel(account),
        21 | 22 => Step::Unbind(account),
        23 | 24 => Step::Tick,
        _ => Step::Advance(forward(chance)),
    }
}

/// A stretch around a limit of the lifecycle, or just beside it.
fn forward(chance: &mut Chance) -> Ms {
    let limits: [Ms; 6] = [
        1_000,
        60_000,
        300_000,
        1_800_000,
        24 * 3_600_000,
        72 * 3_600_000,
    ];
    let beside: [Ms; 3] = [-1, 0, 1];
    chance.one_of(&limits).unwrap() + chance.one_of(&beside).unwrap()
}

/// What a clock is set back by, when it is.
fn back(chance: &mut Chance) -> Ms {
    *chance.one_of(&[1, 30_000, 600_000, 3_600_000]).unwrap()
}

/// Somebody else's step, which may come between the decision and the commit of another.
pub fn step_between(chance: &mut Chance, of: Step) -> Option<Step> {
    if matches!(of, Step::Advance(_) | Step::Restart) {
        return None;
    }
    let calm = Temper {
        back: 0,
        ..Temper::draw(chance)
    };
    let other = step(chance, &calm);
    let may = match (of, other) {
        (_, Step::Advance(_) | Step::Restart) => false,
        // A tick is many commits, of which only the first is come before.
        (Step::Tick, other) => other == Step::Tick,
        // Who looked at an attempt before would be taken for somebody who looks at the new one.
        (of, other) if account(of) == account(other) && is_about_an_attempt(of) => {
            matches!(other, Step::Code(..) | Step::Cancel(_) | Step::Unbind(_))
        }
        _ => true,
    };
    may.then_some(other)
}

fn account(step: Step) -> Option<u8> {
    match step {
        Step::Create(account)
        | Step::Bind(account, ..)
        | Step::Acknowledge(account)
        | Step::Code(account, _)
        | Step::Resend(account)
        | Step::Cancel(account)
        | Step::Unbind(account) => Some(account),
        Step::Advance(_) | Step::Tick | Step::Restart => None,
    }
}

fn is_about_an_attempt(step: Step) -> bool {
    matches!(
        step,
        Step::Acknowledge(_) | Step::Code(..) | Step::Resend(_) | Step::Cancel(_)
    )
}
