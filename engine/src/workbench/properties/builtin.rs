//! What must hold of every set of policies, whatever it says.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::check::{Asked, Look, Trial, Why, try_all};
use super::draw::{Requests, Who};
use super::request::Request;
use super::{case, codes};
use crate::bundle::Bundle;
use crate::diagnostic::Diagnostic;
use crate::expr::agreement::compare;
use crate::expr::{Compiler, Expected, Expression, Type};
use crate::policy::{Actions, Policy, RulingError, Statement, Verb};
use crate::source::{SourceMap, Span};

/// A property that every set of policies has to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuiltIn {
    /// No condition fails.
    NeverFails,
    /// The same request has the same answer, in whatever order policies are attached.
    Deterministic,
    /// Another deny never allows what was not allowed.
    DenyNeverGrants,
    /// Another allow never denies what was allowed.
    AllowNeverDenies,
    /// Conditions mean the same natively and in the interpreter.
    EnginesAgree,
}

impl BuiltIn {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::NeverFails,
        Self::Deterministic,
        Self::DenyNeverGrants,
        Self::AllowNeverDenies,
        Self::EnginesAgree,
    ];

    /// What holds, in a few words.
    pub fn title(self) -> &'static str {
        match self {
            Self::NeverFails => "no condition fails",
            Self::Deterministic => "answers do not depend on the order of policies",
            Self::DenyNeverGrants => "adding a deny never grants",
            Self::AllowNeverDenies => "adding an allow never denies",
            Self::EnginesAgree => "both expression engines agree",
        }
    }
}

/// What the built-in properties were found to be: how many requests were made, and a finding for
/// each that is broken.
#[derive(Debug)]
pub struct BuiltInChecked {
    /// How many requests there were.
    pub requests: u32,
    /// Which are broken, and how.
    pub broken: Vec<(BuiltIn, Diagnostic)>,
    /// The seeds of the requests that broke them.
    pub seeds: Vec<(BuiltIn, u64)>,
}

/// Tries the built-in properties on requests of anybody, with any of the policies.
pub fn check_built_ins(bundle: &Bundle, trial: &Trial) -> BuiltInChecked {
    let bench = Bench::of(bundle);
    let requests = Requests::of(bundle, Who::Anybody);
    let mut made = 0;
    let all = BuiltIn::ALL;
    let tried = try_all(trial, &requests, all.len(), |request, turn, asked| {
        made += u32::from(asked == Asked::All);
        let wanted = all.iter().enumerate();
        let wanted = wanted.filter(|(index, _)| asked.asks(*index));
        wanted
            .map(|(_, property)| bench.look(*property, request, turn))
            .collect()
    });
    let mut checked = BuiltInChecked {
        requests: made,
        broken: Vec::new(),
        seeds: Vec::new(),
    };
    for (property, tried) in all.into_iter().zip(tried) {
        if let Some(broken) = tried.broken {
            let finding = bench.finding(property, &broken.request, &broken.why);
            checked.broken.push((property, finding));
            checked.seeds.push((property, broken.seed));
        }
    }
    checked
}

/// A bundle, and what its policies are tried with.
struct Bench<'b> {
    bundle: &'b Bundle,
    /// The same with more policies, each of one statement; none, where it does not load.
    more: Option<(Bundle, Vec<Probe>)>,
    /// The conditions that both engines can run, with a compiler over their names.
    conditions: Option<(Compiler, Vec<Expression>)>,
}

/// A policy of one statement without conditions, to be added to others.
#[derive(Debug)]
struct Probe {
    verb: Verb,
    name: Arc<str>,
    text: String,
}

/// Most probes: each is asked about every request.
const PROBES_MAX: usize = 8;

impl<'b> Bench<'b> {
    fn of(bundle: &'b Bundle) -> Self {
        Self {
            bundle,
            more: with_probes(bundle),
            conditions: conditions(bundle),
        }
    }

    fn look(&self, property: BuiltIn, request: &Request, turn: usize) -> Look {
        let seen = match property {
            BuiltIn::NeverFails => self.failure(request).map(|(_, _, says)| says),
            BuiltIn::Deterministic => self.difference(request),
            BuiltIn::DenyNeverGrants => self.turned(request, Verb::Deny),
            BuiltIn::AllowNeverDenies => self.turned(request, Verb::Allow),
            BuiltIn::EnginesAgree => self.disagreement(request, turn),
        };
        seen.map_or(Look::Holds, |says| Look::Broken(Why::Observed(says)))
    }

    /// The condition that fails, if one does.
    fn failure(&self, request: &Request) -> Option<(Arc<Statement>, String, String)> {
        let answered = request.answer(self.bundle).ok()?;
        let said = request.is_said(self.bundle, &answered);
        match answered.ruling.error.filter(|_| said)? {
            RulingError::Condition { statement, error } => {
                let says = format!("the condition of {} fails: {error}", statement.id());
                Some((statement, error.message, says))
            }
            _ => None,
        }
    }

    fn difference(&self, request: &Request) -> Option<String> {
        let first = request.answer(self.bundle).ok()?.ruling;
        let mut turned = request.clone();
        turned.principal.policies.reverse();
        for other in [request, &turned] {
            let other = other.answer(self.bundle).ok()?.ruling;
            if (other.effect, &other.stage) != (first.effect, &first.stage) {
                return Some(format!("{} becomes {}", first.effect, other.effect));
            }
        }
        None
    }

    /// What a further statement turns round that it must not.
    fn turned(&self, request: &Request, verb: Verb) -> Option<String> {
        let (more, probes) = self.more.as_ref()?;
        let allowed = |request: &Request| Some(request.answer(more).ok()?.ruling.is_allowed());
        let before = allowed(request)?;
        // A deny must not grant, an allow must not deny.
        if before != (verb == Verb::Allow) {
            return None;
        }
        let turns = |probe: &&Probe| {
            let mut with = request.clone();
            with.principal.policies.push(probe.name.clone());
            allowed(&with).is_some_and(|after| after != before)
        };
        let probe = probes.iter().filter(|it| it.verb == verb).find(turns)?;
        let does = if before { "denies" } else { "grants" };
        Some(format!("adding `{}` {does} it", probe.text))
    }

    fn disagreement(&self, request: &Request, turn: usize) -> Option<String> {
        let (compiler, conditions) = self.conditions.as_ref()?;
        let condition = conditions.get(turn.checked_rem(conditions.len())?)?;
        let facts = request.situation().facts(&self.bundle.lifecycle);
        compare(compiler, condition, &facts)
            .err()
            .map(|disagreement| disagreement.to_string())
    }

    fn finding(&self, property: BuiltIn, request: &Request, why: &Why) -> Diagnostic {
        let title = property.title();
        let says = match why {
            Why::Observed(says) | Why::NoAnswer(says) => says.as_str(),
            Why::Untrue => "",
        };
        let failure = self.failure(request);
        let nowhere = Span::new(crate::source::FileId::NONE, 0..0);
        let about = || request.answer(self.bundle).ok();
        let span = match (&failure, about()) {
            (Some((statement, ..)), _) => statement.span(),
            (None, Some(answered)) => answered
                .ruling
                .statement()
                .map_or(nowhere, |statement| statement.span()),
            (None, None) => nowhere,
        };
        let says = format!("\"{title}\" does not hold: {says}");
        let mut finding = Diagnostic::error(codes::BROKEN, span, says);
        if let (BuiltIn::NeverFails, Some((statement, ..))) = (property, failure) {
            let verb = match statement.verb() {
                Verb::Allow => "it does not allow then",
                Verb::Deny => "it denies then",
            };
            finding = finding.label(verb).help(
                "ask first for what the function or operator needs, \
                 such as `has(name) && ...` or `name ?? default`",
            );
        }
        let effect = about().map_or("deny", |it| super::names::effect_word(it.ruling.effect));
        let case = case::case(title, request, effect);
        finding.help(format!("the request, as a case:\n{case}"))
    }
}

/// The bundle with a policy for the patterns of each statement, both to allow and to deny them.
fn with_probes(bundle: &Bundle) -> Option<(Bundle, Vec<Probe>)> {
    let statements = bundle.policies.iter().flat_map(Policy::statements);
    let covered: BTreeSet<String> = statements.map(|it| covered(it)).collect();
    let covered = std::iter::once("all".to_owned()).chain(covered);
    let mut sources: SourceMap = bundle.sources.clone();
    let mut probes = Vec::new();
    for (index, covered) in covered.take(PROBES_MAX).enumerate() {
        for verb in [Verb::Allow, Verb::Deny] {
            let name = format!("probe-{verb}-{index}");
            let text = format!("{verb} {covered};");
            let path = format!("{}/{name}.rhai", bundle.policy_folder());
            sources.add(&path, &text);
            probes.push(Probe {
                verb,
                name: name.into(),
                text,
            });
        }
    }
    let more = Bundle::load(sources, &bundle.lifecycle.full_name()).ok()?;
    Some((more, probes))
}

/// What a statement covers, as it is written behind its verb.
fn covered(statement: &Statement) -> String {
    let list = |patterns: &[crate::policy::Pattern]| {
        let quoted: Vec<String> = patterns
            .iter()
            .map(|it| format!("{:?}", it.text()))
            .collect();
        format!("[{}]", quoted.join(", "))
    };
    let actions = match statement.actions() {
        Actions::Of(patterns) => list(patterns),
        Actions::AllExcept(patterns) if patterns.is_empty() => "all".to_owned(),
        Actions::AllExcept(patterns) => format!("all except {}", list(patterns)),
    };
    match statement.resources() {
        [] => actions,
        resources => format!("{actions} on {}", list(resources)),
    }
}

/// The conditions that can be read again by themselves: those that use no variable of their script.
fn conditions(bundle: &Bundle) -> Option<(Compiler, Vec<Expression>)> {
    let compiler = bundle.compiler().ok()?;
    let expected = Expected {
        ty: Some(Type::Bool),
        optional: false,
        may_read: &|_| Ok(()),
    };
    let statements = bundle.policies.iter().flat_map(Policy::statements);
    let conditions = statements.flat_map(|it| [it.when(), it.unless()]).flatten();
    let alone = conditions.filter(|it| {
        let again = compiler.expression(it.text(), it.span(), &expected);
        again.is_ok()
    });
    let conditions = alone.cloned().collect();
    Some((compiler, conditions))
}

#[cfg(test)]
mod tests {
    use super::super::tests::support::{changed, few, shipped};
    use super::*;

    #[test]
    fn the_shipped_policies_have_what_every_set_has() {
        let checked = check_built_ins(&shipped(), &few());
        assert_eq!(checked.requests, 300);
        assert_eq!(checked.broken, []);
    }

    #[test]
    fn a_condition_that_fails_is_found_with_the_request_that_makes_it() {
        let bundle = changed(&[(
            "policies/IdentityReview.rhai",
            "allow \"account:ReviewIdentity\";",
            "allow \"account:ReviewIdentity\"\n    \
             when phone_country(account.phone ?? \"+80012345678\") == \"SG\";",
        )]);
        let checked = check_built_ins(&bundle, &few());
        let [(property, finding)] = checked.broken.as_slice() else {
            panic!("{:?}", checked.broken);
        };
        assert_eq!(*property, BuiltIn::NeverFails);
        insta::assert_snapshot!(format!("{}\n{}", finding.message, finding.help.join("\n")), @r#"
    "no condition fails" does not hold: the condition of policies/IdentityReview.rhai:3:1#1 fails: the phone number belongs to no country
    ask first for what the function or operator needs, such as `has(name) && ...` or `name ?? default`
    the request, as a case:
      - name: no condition fails
        principal: reviewer/kim
        action: account:ReviewIdentity
        resource: acs:account:*:*:a
        account: { id: "2", attributes: { path: a } }
        expect: implicit_deny
    "#);
    }

    /// Both policies allow the same; what a probe adds is weighed by an engine that has it wrong.
    #[test]
    fn an_answer_that_turns_round_is_seen() {
        let bundle = shipped();
        let mut bench = Bench::of(&bundle);
        let request = Request {
            described: true,
            account: None,
            wanted: super::super::Wanted::Action {
                action: "ecs:Get".into(),
                resources: vec!["acs:ecs:*:1:a".to_owned()],
            },
            context: Default::default(),
            inputs: Default::default(),
            now: case::UNSAID,
            principal: bundle.principals.resolve("ram_user/none").unwrap(),
        };
        assert_eq!(bench.turned(&request, Verb::Deny), None);
        let (_, probes) = bench.more.as_mut().unwrap();
        // As if a deny were taken for an allow.
        for probe in probes.iter_mut() {
            probe.verb = Verb::Deny;
        }
        let seen = bench.turned(&request, Verb::Deny);
        assert_eq!(seen.as_deref(), Some("adding `allow all;` grants it"));
    }
}
