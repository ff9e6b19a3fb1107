//! The stages that a request passes, over facts of which some may not be known.

use std::sync::Arc;

use super::cover::{self, UNKNOWN, readable};
use super::possible::{Possible, both, either, or_else, then};
use super::statement::{Role, Sight};
use super::{OnResource, Passed, Question};
use crate::expr::{Truth, Val};
use crate::policy::{
    ControlPolicies, DecidedBy, Effect, Policy, Stage, Standing, Statement, Verb,
    canonical_resource,
};

/// What stages come to together, and which of them decides.
#[derive(Clone, Copy)]
struct Ruled {
    possible: Possible,
    stage: usize,
}

impl Ruled {
    /// With what follows it where it allows.
    fn then(self, rest: Self) -> Self {
        let passes = self.possible == Possible::only(Effect::Allow);
        Self {
            possible: self.possible.with(rest.possible, then),
            stage: if passes { rest.stage } else { self.stage },
        }
    }
}

/// One resource on its way through the stages.
struct Walk<'w> {
    question: &'w Question<'w>,
    sight: Sight<'w>,
    action: String,
    resource: &'w str,
    /// Whether statements are told of, or only counted.
    told: bool,
    stages: Vec<Passed>,
    /// Whether a stage could not be asked, which ends the way.
    blind: bool,
}

impl Question<'_> {
    /// One resource on its own.
    pub(super) fn on(&self, resource: &str, told: bool) -> OnResource {
        let slots = &self.bundle.lifecycle.slots;
        let whole = !resource.contains(UNKNOWN);
        let known = |slot| {
            slot == slots.permission
                || (slot == slots.resource && whole)
                || (slot != slots.resource && (self.known)(slot))
        };
        let mut facts = self.facts.clone();
        facts.set(slots.permission, Val::Text(self.action));
        facts.set(slots.resource, Val::Text(resource));
        let mut walk = Walk {
            question: self,
            sight: Sight {
                facts: &facts,
                known: &known,
                hidden: self.hidden,
            },
            action: self.action.to_ascii_lowercase(),
            resource,
            told,
            stages: Vec::new(),
            blind: false,
        };
        let ruled = walk.ruled();
        OnResource {
            resource: readable(resource),
            possible: ruled.possible,
            decisive: ruled.stage,
            stages: walk.stages,
        }
    }
}

impl Walk<'_> {
    fn ruled(&mut self) -> Ruled {
        let (principal, bundle) = (self.question.principal, self.question.bundle);
        let owns_account = bundle.principals.owns_account(&principal.kind);
        let assumes_role = self.action == "sts:assumerole";
        if assumes_role && owns_account {
            return self.settle(Stage::Ownership, Effect::ImplicitDeny, None);
        }
        let mut so_far: Option<Ruled> = None;
        let attachments = bundle.principals.attachments();
        if let Some(control) = attachments.control()
            && !control.exempt(principal, owns_account, self.sight.facts)
        {
            so_far = self.control(control);
            // Somebody of whom it is not known may be exempt.
            let known = self.sight.known;
            if control.exempting(owns_account).any(|slot| !known(slot)) {
                let open = |it: Ruled| Ruled {
                    possible: it.possible.or(Possible::only(Effect::Allow)),
                    ..it
                };
                so_far = so_far.map(open);
            }
        }
        if let Some(session) = &principal.session {
            let bounded = self.ask_named(Stage::Session, session);
            so_far = Some(so_far.map_or(bounded, |before| before.then(bounded)));
        }
        let rest = self.identity_and_resource(owns_account, assumes_role);
        let ruled = so_far.map_or(rest, |before| before.then(rest));
        self.mark_unreached(ruled, so_far);
        ruled
    }

    /// Stages after one that is sure to stop the request have no say.
    fn mark_unreached(&mut self, ruled: Ruled, bounds: Option<Ruled>) {
        let stopped = bounds.is_some_and(|bounds| bounds.possible.allows() == Truth::False);
        if stopped {
            for later in self.stages.iter_mut().skip(ruled.stage + 1) {
                later.reached = false;
            }
        }
    }

    /// The levels from the account's place up to the root.
    fn control(&mut self, control: &ControlPolicies) -> Option<Ruled> {
        if !(self.sight.known)(control.place()) {
            return Some(self.somewhere(control));
        }
        let place = match control.standing(self.sight.facts) {
            Standing::Member(place) => place,
            Standing::Outside => return None,
            Standing::Unknown => {
                let node = control.root().into();
                let why = "the account's place in the directory is not known".to_owned();
                let stage = Stage::ControlPolicy { node };
                return Some(self.settle(stage, Effect::ImplicitDeny, Some(why)));
            }
        };
        let mut so_far: Option<Ruled> = None;
        for level in control.levels(place) {
            let node = level.node.into();
            let ruled = self.ask(
                Stage::ControlPolicy { node },
                level.policies.iter().map(|it| Ok(it.as_ref())),
            );
            so_far = Some(so_far.map_or(ruled, |below| below.then(ruled)));
        }
        so_far
    }

    /// What control policies may say to an account of which it is not known where it lies: nothing,
    /// or what any of them does.
    fn somewhere(&mut self, control: &ControlPolicies) -> Ruled {
        let before = self.stages.len();
        let mut possible = Possible::only(Effect::Allow);
        let own = control
            .attached()
            .map(|(node, policies)| (node.clone(), policies));
        let default = (control.root().into(), control.default_policies());
        for (node, policies) in own.chain([default]) {
            let ruled = self.ask(
                Stage::ControlPolicy { node },
                policies.iter().map(|it| Ok(it.as_ref())),
            );
            possible = possible.or(ruled.possible);
        }
        let mut asked = self.stages.split_off(before);
        // Only what might refuse is of interest.
        asked.retain(|it| it.possible != Possible::only(Effect::Allow));
        let statements = asked.into_iter().flat_map(|it| it.statements).collect();
        let node = control.root().into();
        let stage = Stage::ControlPolicy { node };
        self.push(stage, possible, DecidedBy::Nothing, None, statements)
    }

    fn identity_and_resource(&mut self, owns_account: bool, needs_both: bool) -> Ruled {
        let own = self.identity(owns_account);
        if self.blind {
            return own;
        }
        let policies = self
            .question
            .bundle
            .principals
            .attachments()
            .resource_policies();
        let resource = canonical_resource(self.resource);
        let mut covering = Vec::new();
        for of in policies {
            if cover::any(of.resources.iter().map(|on| cover::covers(on, &resource)))
                != Truth::False
            {
                covering.extend(of.policies.iter());
            }
        }
        if covering.is_empty() && !needs_both {
            return own;
        }
        let theirs = self.ask(
            Stage::ResourceBased,
            covering.into_iter().map(|it: &Arc<Policy>| Ok(it.as_ref())),
        );
        let together = if needs_both { both } else { either };
        let possible = own.possible.with(theirs.possible, together);
        let stage = match (own.possible.certain(), theirs.possible.certain()) {
            (Some(Effect::ExplicitDeny), _) => own.stage,
            (_, Some(Effect::ExplicitDeny)) => theirs.stage,
            (Some(Effect::Allow), Some(Effect::ImplicitDeny)) if needs_both => theirs.stage,
            (Some(Effect::ImplicitDeny), Some(Effect::Allow)) if !needs_both => theirs.stage,
            (Some(_), None) if own.possible.certain() != Some(Effect::Allow) => theirs.stage,
            _ => own.stage,
        };
        Ruled { possible, stage }
    }

    fn identity(&mut self, owns_account: bool) -> Ruled {
        let at_home = match owns_account {
            true => self.is_home(),
            false => Truth::False,
        };
        match at_home {
            Truth::True => self.settle(Stage::Ownership, Effect::Allow, None),
            Truth::False => self.granted(),
            Truth::Unknown => {
                let owner = Possible::of(Truth::Unknown, Truth::False);
                let owner = self.push(Stage::Ownership, owner, DecidedBy::Nothing, None, vec![]);
                let granted = self.granted();
                let possible = owner.possible.with(granted.possible, or_else);
                Ruled { possible, ..owner }
            }
        }
    }

    /// What the policies say that the principal has.
    fn granted(&mut self) -> Ruled {
        let principal = self.question.principal;
        let own = self.ask_named(Stage::Identity, &principal.policies);
        if self.blind || !own.possible.has(Effect::ImplicitDeny) {
            return own;
        }
        let mut groups: Option<Ruled> = None;
        for (name, policies) in &principal.resource_groups {
            let stage = Stage::ResourceGroup {
                group: name.clone(),
            };
            let attachments = self.question.bundle.principals.attachments();
            let Some(group) = attachments.resource_group(name) else {
                self.blind = true;
                let why = format!("resource group `{name}` is not loaded");
                return self.settle(stage, Effect::ImplicitDeny, Some(why));
            };
            let contained = cover::on_resource(&group.resources, self.resource);
            if contained == Truth::False {
                continue;
            }
            let mut there = self.ask_named(stage, policies);
            if contained == Truth::Unknown {
                there.possible = there.possible.or(Possible::only(Effect::ImplicitDeny));
            }
            groups = Some(groups.map_or(there, |before| beside(before, there)));
            if self.blind || there.possible.certain() == Some(Effect::ExplicitDeny) {
                break;
            }
        }
        let Some(groups) = groups else { return own };
        let falls_through = own.possible.certain().is_some();
        let silent = groups.possible == Possible::only(Effect::ImplicitDeny) && !self.blind;
        Ruled {
            possible: own.possible.with(groups.possible, or_else),
            stage: if falls_through && !silent {
                groups.stage
            } else {
                own.stage
            },
        }
    }

    /// Whether the resource belongs to the principal's own account.
    fn is_home(&self) -> Truth {
        let resource = canonical_resource(self.resource);
        // A name without a path after its account has not the fields of one.
        let whole = resource.matches(':').count() >= 4;
        match resource.split(':').nth(3).filter(|_| whole) {
            Some(account) if account.contains(UNKNOWN) => Truth::Unknown,
            Some(account) if account == self.question.principal.account.as_str() => Truth::True,
            _ => Truth::False,
        }
    }

    /// A stage that takes no policies.
    fn settle(&mut self, stage: Stage, effect: Effect, blind: Option<String>) -> Ruled {
        let by = match effect {
            Effect::Allow => DecidedBy::Ownership,
            _ => DecidedBy::Nothing,
        };
        self.push(stage, Possible::only(effect), by, blind, Vec::new())
    }

    fn push(
        &mut self,
        stage: Stage,
        possible: Possible,
        by: DecidedBy,
        blind: Option<String>,
        statements: Vec<super::Considered>,
    ) -> Ruled {
        self.stages.push(Passed {
            stage,
            possible,
            reached: true,
            by,
            blind,
            statements,
        });
        Ruled {
            possible,
            stage: self.stages.len().saturating_sub(1),
        }
    }

    /// What policies say that are attached by name.
    fn ask_named(&mut self, stage: Stage, names: &[Arc<str>]) -> Ruled {
        let policies = &self.question.bundle.policies;
        let named = names.iter().map(|name| {
            let policy = policies.get(name);
            policy.ok_or_else(|| format!("policy `{name}` is attached but not loaded"))
        });
        self.ask(stage, named)
    }

    /// What some policies say: an explicit deny of any wins, else an allow of any.
    fn ask<'p>(
        &mut self,
        stage: Stage,
        policies: impl Iterator<Item = Result<&'p Policy, String>>,
    ) -> Ruled {
        let mut poll = Poll::default();
        let mut blind = None;
        for policy in policies {
            let policy = match policy {
                Ok(policy) => policy,
                // A policy that is not there could deny anything.
                Err(why) => {
                    blind = Some(why);
                    break;
                }
            };
            for statement in policy.statements() {
                self.poll(statement, &mut poll);
            }
        }
        let mut possible = Possible::of(poll.allows, poll.denies);
        if blind.is_some() && poll.denies != Truth::True {
            self.blind = true;
            possible = Possible::of(Truth::False, poll.denies);
        } else {
            blind = None;
        }
        if self.question.suppose.granted.contains(&stage) {
            possible = Possible::only(Effect::Allow);
        }
        let by = match possible.certain() {
            Some(Effect::ExplicitDeny) => poll.deny,
            Some(Effect::Allow) => poll.allow,
            _ => None,
        };
        if let Some(by) = &by {
            for it in &mut poll.statements {
                if Arc::ptr_eq(&it.statement, by) {
                    it.role = Role::Decides;
                }
            }
        }
        let by = by.map_or(DecidedBy::Nothing, DecidedBy::Statement);
        self.push(stage, possible, by, blind, poll.statements)
    }

    fn poll(&self, statement: &Arc<Statement>, poll: &mut Poll) {
        let without = &self.question.suppose.without;
        if without.iter().any(|it| Arc::ptr_eq(it, statement)) {
            return;
        }
        let applies = if self.told {
            let considered = self.sight.consider(statement, &self.action, self.resource);
            let applies = considered.applies;
            poll.statements.push(considered);
            applies
        } else {
            self.sight.applies(statement, &self.action, self.resource)
        };
        let (sum, first) = match statement.verb() {
            Verb::Allow => (&mut poll.allows, &mut poll.allow),
            Verb::Deny => (&mut poll.denies, &mut poll.deny),
        };
        *sum = cover::any([*sum, applies].into_iter());
        if applies == Truth::True {
            first.get_or_insert_with(|| statement.clone());
        }
    }
}

/// Two groups of policies of one standing.
fn beside(before: Ruled, there: Ruled) -> Ruled {
    let decides = match there.possible.certain() {
        Some(Effect::ExplicitDeny) => true,
        Some(Effect::Allow) => before.possible.certain() == Some(Effect::ImplicitDeny),
        None => before.possible.certain() == Some(Effect::ImplicitDeny),
        Some(Effect::ImplicitDeny) => false,
    };
    Ruled {
        possible: before.possible.with(there.possible, either),
        stage: if decides { there.stage } else { before.stage },
    }
}

/// What the statements of a stage come to so far.
struct Poll {
    allows: Truth,
    denies: Truth,
    allow: Option<Arc<Statement>>,
    deny: Option<Arc<Statement>>,
    statements: Vec<super::Considered>,
}

impl Default for Poll {
    fn default() -> Self {
        Self {
            allows: Truth::False,
            denies: Truth::False,
            allow: None,
            deny: None,
            statements: Vec::new(),
        }
    }
}
