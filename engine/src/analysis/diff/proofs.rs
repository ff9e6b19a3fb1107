//! Declared verifications, and the rules of their codes.

use super::conditions::{self, one_line};
use super::pair::{Pair, both, change, less_is_weaker, listed, more_is_weaker, wider_is_weaker};
use super::{Change, Weight, codes};
use crate::challenge::CodeRules;
use crate::expr::Expression;
use crate::lifecycle::model::{Channel, Method, Verification};
use crate::name::Name;
use crate::time::format_duration;

pub(super) fn compare(pair: &mut Pair<'_>) {
    let (old, new) = (pair.old, pair.new);
    let all = both(&old.lifecycle.verifications, &new.lifecycle.verifications);
    for (name, one, other) in all {
        // One that came or went is told where transitions demand it.
        if let (Some(old), Some(new)) = (one, other) {
            Proof { name, old, new }.compare(pair);
        }
    }
}

/// One verification on both sides.
struct Proof<'b> {
    name: &'b Name,
    old: &'b Verification,
    new: &'b Verification,
}

impl Proof<'_> {
    fn change(&self, code: crate::diagnostic::Code, weight: Weight, message: String) -> Change {
        let places = (Some(self.old.span), Some(self.new.span));
        let subject = format!("verification {}", self.name);
        change(code, subject, weight, message, places)
    }

    fn compare(&self, pair: &mut Pair<'_>) {
        self.method(pair);
        self.available(pair);
    }

    fn method(&self, pair: &mut Pair<'_>) {
        match (&self.old.method, &self.new.method) {
            (
                Method::Code {
                    channel: by,
                    to,
                    rules,
                },
                Method::Code {
                    channel: now_by,
                    to: now_to,
                    rules: now_rules,
                },
            ) => {
                if by != now_by || !pair.same(to, now_to) {
                    let words = [(now_by, now_to), (by, to)].map(sent);
                    let message = format!("sends its code {}, not {}", words[0], words[1]);
                    pair.note(self.change(codes::PROOF, Weight::MayWeaken, message));
                }
                self.rules(pair, rules, now_rules);
            }
            (Method::Acknowledge { text }, Method::Acknowledge { text: now }) => {
                if text != now {
                    let message = format!("warns in other words: {now}");
                    pair.note(self.change(codes::PROOF, Weight::Neutral, message));
                }
            }
            (Method::Approval { by }, Method::Approval { by: now }) => {
                if by != now {
                    let message = format!("is approved by `{now}`, no longer by `{by}`");
                    pair.note(self.change(codes::PROOF, Weight::MayWeaken, message));
                }
            }
            (
                Method::Totp {
                    authenticator: of,
                    enrol,
                    attempts,
                },
                Method::Totp {
                    authenticator: now_of,
                    enrol: now_enrol,
                    attempts: now_attempts,
                },
            ) => {
                if (of, enrol) != (now_of, now_enrol) {
                    let message = format!("is proved by a code of `{now_of}`, no longer of `{of}`");
                    pair.note(self.change(codes::PROOF, Weight::MayWeaken, message));
                }
                if attempts != now_attempts {
                    let weight = match now_attempts > attempts {
                        true => Weight::Weakening,
                        false => Weight::Strengthening,
                    };
                    let message = format!("allows {now_attempts} wrong codes, not {attempts}");
                    pair.note(self.change(codes::PROOF, weight, message));
                }
            }
            (old, new) => {
                // An acknowledgement proves nothing of whoever gives it.
                let weight = match (old, new) {
                    (_, Method::Acknowledge { .. }) => Weight::Weakening,
                    (Method::Acknowledge { .. }, _) => Weight::Strengthening,
                    _ => Weight::MayWeaken,
                };
                let message = format!("is proved by {}, no longer by {}", kind(new), kind(old));
                pair.note(self.change(codes::PROOF, weight, message));
            }
        }
    }

    /// Where a proof is not available, another is taken or the transition refused: to be available
    /// more often weakens.
    fn available(&self, pair: &mut Pair<'_>) {
        let one: Vec<&Expression> = self.old.available.iter().collect();
        let other: Vec<&Expression> = self.new.available.iter().collect();
        let Some(verdict) = conditions::compare(pair, &one, &other) else {
            return;
        };
        let message = match verdict.weight {
            Weight::Weakening => "can be used where it could not",
            Weight::Strengthening => "cannot be used where it could",
            Weight::MayWeaken => "can be used elsewhere",
            Weight::Neutral => "can be used where it could, in other words",
        };
        let mut found = self.change(codes::PROOF, verdict.weight, message.to_owned());
        found.details = verdict.edits;
        found.when = verdict.when;
        pair.note(found);
    }

    fn rules(&self, pair: &mut Pair<'_>, old: &CodeRules, new: &CodeRules) {
        let waits = |rules: &CodeRules| {
            let waits = rules.resend_after.iter();
            listed(waits.map(|wait| format_duration(*wait)))
        };
        let life = |rules: &CodeRules| format_duration(rules.valid_for);
        let quotas = |rules: &CodeRules| match rules.quotas.as_slice() {
            [] => "no quota".to_owned(),
            names => listed(names),
        };
        let found = [
            (
                less_is_weaker(&old.digits, &new.digits),
                format!("its codes have {} digits, not {}", new.digits, old.digits),
            ),
            (
                more_is_weaker(&old.valid_for, &new.valid_for),
                format!("its codes live {}, not {}", life(new), life(old)),
            ),
            (
                more_is_weaker(&old.attempts, &new.attempts),
                format!("takes {} wrong codes, not {}", new.attempts, old.attempts),
            ),
            (
                more_is_weaker(&old.sends, &new.sends),
                format!("sends {} codes, not {}", new.sends, old.sends),
            ),
            (
                waits_weight(old, new),
                format!("sends again after {}, not {}", waits(new), waits(old)),
            ),
            (
                wider_is_weaker(&new.quotas, &old.quotas),
                format!("its codes spend {}, not {}", quotas(new), quotas(old)),
            ),
        ];
        for (weight, message) in found {
            if weight != Weight::Neutral {
                pair.note(self.change(codes::CODES, weight, message));
            }
        }
    }
}

/// A wait that is shorter at any sending weakens.
fn waits_weight(old: &CodeRules, new: &CodeRules) -> Weight {
    let at = |rules: &CodeRules, sending: usize| {
        let waits = rules.resend_after.get(sending);
        waits.or(rules.resend_after.last()).copied()
    };
    let most = old.resend_after.len().max(new.resend_after.len());
    let each = (0..most).map(|sending| less_is_weaker(&at(old, sending), &at(new, sending)));
    each.min().unwrap_or(Weight::Neutral)
}

fn sent((by, to): (&Channel, &Expression)) -> String {
    let by = match by {
        Channel::Sms => "as a text message",
        Channel::Email => "by mail",
    };
    format!("to `{}` {by}", one_line(to.text()))
}

fn kind(method: &Method) -> &'static str {
    match method {
        Method::Code { .. } => "a code",
        Method::Acknowledge { .. } => "an acknowledgement",
        Method::Approval { .. } => "an approval",
        Method::Totp { .. } => "a code of an app",
    }
}
