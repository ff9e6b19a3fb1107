//! The properties of a project: reading them, and trying them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::check::{Answers, Look, Trial, Tried, Why, try_all};
use super::draw::{Requests, Who};
use super::names::Names;
use super::request::{Answered, Request};
use super::script::Reader;
use super::{case, codes};
use crate::bundle::Bundle;
use crate::diagnostic::Diagnostic;
use crate::expr::{Compiler, EvalError, Expression, Facts, SourceText};
use crate::policy::Effect;
use crate::source::{FileId, SourceMap, Span};

/// How a property is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stated {
    /// Its condition is true of every request.
    Holds,
    /// Its condition is true of no request.
    Never,
}

/// A property.
#[derive(Debug, Clone)]
pub struct Property {
    /// Its name: what holds, in a few words.
    pub title: Arc<str>,
    /// How it is stated.
    pub stated: Stated,
    /// Which requests it is about; all, without it.
    pub given: Option<Expression>,
    /// The condition.
    pub condition: Expression,
    /// Where its name is written.
    pub span: Span,
}

/// The properties of a project.
#[derive(Debug)]
pub struct Properties {
    names: Names,
    list: Vec<Property>,
}

/// What became of the properties of a project.
#[derive(Debug)]
pub struct Checked {
    /// What each was found to be, in their order.
    pub verdicts: Vec<Verdict>,
    /// How the requests were answered that they were tried on.
    pub answers: Answers,
}

/// What a property was found to be.
#[derive(Debug)]
pub struct Verdict {
    /// Its name.
    pub title: Arc<str>,
    /// Where its name is written.
    pub span: Span,
    /// What was found.
    pub tried: Tried,
    /// The request that breaks it as a case to paste, if there is one.
    pub case: Option<String>,
    /// What is to be said about it, if anything.
    pub finding: Option<Diagnostic>,
}

impl Verdict {
    /// Whether it holds of every request that was tried.
    pub fn holds(&self) -> bool {
        self.tried.broken.is_none()
    }
}

impl Properties {
    /// Reads files of properties over a bundle. What is wrong is added to `findings`, and left out.
    pub fn load(
        bundle: &Bundle,
        sources: &SourceMap,
        files: &[FileId],
        findings: &mut Vec<Diagnostic>,
    ) -> Self {
        let names = Names::of(&bundle.lifecycle);
        let mut list = Vec::new();
        match compiler(bundle, &names) {
            Ok(compiler) => {
                let reader = Reader::new(&compiler);
                for id in files {
                    let Some(file) = sources.file(*id) else {
                        continue;
                    };
                    let source = SourceText::file(*id, &file.text);
                    let may_read = |slot| names.may_read(slot);
                    list.extend(reader.read(&source, &may_read, findings));
                }
            }
            Err(wrong) => findings.extend(wrong),
        }
        let mut properties = Self { names, list };
        properties.leave_out_namesakes(findings);
        properties
    }

    /// A name is how a property is told from the others in what is reported.
    fn leave_out_namesakes(&mut self, findings: &mut Vec<Diagnostic>) {
        let mut first: BTreeMap<Arc<str>, Span> = BTreeMap::new();
        self.list.retain(|property| {
            let Some(first) = first.insert(property.title.clone(), property.span) else {
                return true;
            };
            let says = format!("there is another property \"{}\"", property.title);
            let finding = Diagnostic::error(codes::NAME_TAKEN, property.span, says);
            findings.push(finding.also(first, "the other one"));
            false
        });
    }

    /// Keeps only those that are meant.
    pub fn retain(&mut self, is_meant: impl Fn(&Property) -> bool) {
        self.list.retain(is_meant);
    }

    /// The properties, in the order in which they are stated.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Property> {
        self.list.iter()
    }

    /// Tries every property on the same requests: those of the principals that the bundle knows.
    pub fn check(&self, bundle: &Bundle, trial: &Trial) -> Checked {
        let conditions = self.list.iter().map(|property| {
            let given = property.given.as_ref();
            given.into_iter().chain([&property.condition]).collect()
        });
        let requests =
            Requests::with_conditions(bundle, Who::Known, conditions, Some(self.names.by()));
        let mut answers = Answers::default();
        let tried = try_all(trial, &requests, self.list.len(), |request, _, asked| {
            let answered = request.answer(bundle).ok();
            let answered = answered.filter(|answered| request.is_said(bundle, answered));
            if asked == super::check::Asked::All {
                answers.count(answered.as_ref().map(|it| it.ruling.effect));
            }
            // What is not answered, or by chance, says nothing of the policies.
            let facts = answered.as_ref();
            let facts = facts.map_or_else(Vec::new, |it| self.names.all(bundle, request, it));
            let properties = self.list.iter().enumerate();
            let properties = properties.filter(|(index, _)| asked.asks(*index));
            properties
                .map(|(_, property)| property.look(&facts))
                .collect()
        });
        let verdicts = self.list.iter().zip(tried);
        let verdicts = verdicts
            .map(|(property, tried)| property.verdict(&self.names, bundle, tried))
            .collect();
        Checked { verdicts, answers }
    }
}

/// A compiler over the names of properties, with the lifecycle's functions.
fn compiler(bundle: &Bundle, names: &Names) -> Result<Compiler, Vec<Diagnostic>> {
    Ok(bundle.compiler()?.over(names.vocabulary().clone()))
}

impl Property {
    /// What a request shows of it: it must hold whichever of the resources is looked at.
    fn look(&self, facts: &[Facts<'_>]) -> Look {
        let mut look = Look::Beside;
        for facts in facts {
            match self.holds_of(facts) {
                Ok(None) => {}
                Ok(Some(true)) => look = Look::Holds,
                Ok(Some(false)) => return Look::Broken(Why::Untrue),
                Err(error) => return Look::Broken(Why::NoAnswer(error.message)),
            }
        }
        look
    }

    /// Whether it holds; `None`, where it is not about this.
    fn holds_of(&self, facts: &Facts<'_>) -> Result<Option<bool>, EvalError> {
        if let Some(given) = &self.given
            && !given.truth(facts)?
        {
            return Ok(None);
        }
        let wanted = self.stated == Stated::Holds;
        Ok(Some(self.condition.truth(facts)? == wanted))
    }

    fn verdict(&self, names: &Names, bundle: &Bundle, tried: Tried) -> Verdict {
        let title = &self.title;
        let mut case = None;
        let finding = match &tried.broken {
            None if tried.relevant > 0 => None,
            None => {
                let says = format!("\"{title}\" is about requests that were never made");
                let finding = Diagnostic::warning(codes::NEVER_TRIED, self.span, says);
                Some(
                    finding.help("try more of them with `--requests`, or mend its first condition"),
                )
            }
            Some(broken) => {
                let request = &broken.request;
                let expected = self.expected(names, bundle, request);
                let written = case::case(title, request, expected);
                let finding = self.finding(names, bundle, request, &broken.why);
                let finding = finding.help(format!("the request, as a case:\n{written}"));
                case = Some(written);
                Some(finding)
            }
        };
        Verdict {
            title: self.title.clone(),
            span: self.span,
            tried,
            case,
            finding,
        }
    }

    fn finding(&self, names: &Names, bundle: &Bundle, request: &Request, why: &Why) -> Diagnostic {
        let title = &self.title;
        let span = self.condition.span();
        let finding = match why {
            Why::NoAnswer(reason) => {
                let says = format!("\"{title}\" has no answer: {reason}");
                Diagnostic::error(codes::NO_ANSWER, span, says)
            }
            Why::Untrue | Why::Observed(_) => {
                let says = format!("\"{title}\" does not hold");
                Diagnostic::error(codes::BROKEN, span, says)
            }
        };
        let Ok(answered) = request.answer(bundle) else {
            return finding;
        };
        let ruling = &answered.ruling;
        match ruling.statement() {
            Some(statement) => {
                let says = format!("this is what decides: {}", ruling.effect);
                finding.also(statement.span(), says)
            }
            None => finding,
        }
        .label(self.seen(names, bundle, request, &answered))
    }

    /// The values at which the condition turned.
    fn seen(
        &self,
        names: &Names,
        bundle: &Bundle,
        request: &Request,
        answered: &Answered,
    ) -> String {
        let facts = names.all(bundle, request, answered);
        let mut facts = facts.iter();
        let facts = facts.find(|facts| self.holds_of(facts) != Ok(Some(true)));
        let Some(facts) = facts else {
            return String::new();
        };
        // Made-up values are nobody's.
        self.condition.clauses(facts, &|_| false).seen
    }

    /// The answer with which it would hold, as a case expects it.
    fn expected(&self, names: &Names, bundle: &Bundle, request: &Request) -> &'static str {
        let holds_with = |effect: Effect| {
            let Ok(mut answered) = request.answer(bundle) else {
                return false;
            };
            answered.ruling.effect = effect;
            let facts = names.all(bundle, request, &answered);
            !matches!(self.look(&facts), Look::Broken(_))
        };
        let effects = [Effect::Allow, Effect::ExplicitDeny, Effect::ImplicitDeny];
        match effects.map(holds_with) {
            [_, true, true] => "deny",
            [true, ..] => "allow",
            [_, true, _] => "explicit_deny",
            [.., true] => "implicit_deny",
            // Whatever policies answer, it does not hold: then the case keeps what they answer.
            _ => request.answer(bundle).map_or("deny", |answered| {
                super::names::effect_word(answered.ruling.effect)
            }),
        }
    }
}
