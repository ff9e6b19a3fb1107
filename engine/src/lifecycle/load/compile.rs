//! The vocabulary, and compiling expressions and templates over it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::attributes::Types;
use super::context::CURRENT_TIME;
use super::files::Files;
use super::scope::{Findings, Scope};
use crate::diagnostic::Diagnostic;
use crate::expr::{self, Compiler, Expected, Expression, Slot, Template, Type, Vocabulary};
use crate::lifecycle::model::CommonSlots;
use crate::name::Name;
use crate::source::Place;

/// The inputs that can be read somewhere, and whether each may be left out.
pub(super) type Inputs = BTreeMap<Name, bool>;

/// A place where an expression is written: what it can read there.
#[derive(Clone, Copy)]
pub(super) struct Site<'s> {
    /// What is written there, as the beginning of a sentence: "a throttle's key".
    pub(super) what: &'static str,
    /// First parts of the paths that can be read, besides inputs.
    pub(super) reads: &'static [&'static str],
    /// The inputs that can be read.
    pub(super) inputs: &'s Inputs,
}

/// What a request knows: the account, where it stands, who asks, and when.
pub(super) const REQUEST: &[&str] = &["account", "state", "principal", "context", "now"];

/// Something compiled, with the names it reads.
pub(super) struct Compiled<T> {
    pub(super) item: T,
    pub(super) reads: BTreeSet<Slot>,
}

/// Compiles over one vocabulary, in which an input is optional or not depending on who declares it.
pub(super) struct Compilers<'a> {
    files: &'a Files,
    types: &'a Types,
    kinds: Vec<Name>,
    states: Vec<(&'a Name, Vec<Name>)>,
    optional_attributes: BTreeSet<&'a Name>,
    vocabulary: Vocabulary,
    slots: CommonSlots,
    /// Whether a broken declaration is missing in the vocabulary: a name that is unknown may then
    /// well be declared.
    is_incomplete: bool,
    /// Compilers by the inputs that are optional; none where the functions do not compile.
    compilers: RefCell<BTreeMap<BTreeSet<Name>, Option<Rc<Compiler>>>>,
    read: RefCell<BTreeSet<Slot>>,
}

impl<'a> Compilers<'a> {
    pub(super) fn new(
        files: &'a Files,
        scope: &Scope<'a>,
        types: &'a Types,
        out: &mut Findings,
    ) -> Self {
        let states = scope.workflows.iter().map(|(name, workflow)| {
            let states = workflow.form.states.keys().cloned().collect();
            (*name, states)
        });
        let kinds: Vec<Name> = scope.account.form.principal_kinds.keys().cloned().collect();
        let attributes = scope.account.form.attributes.iter();
        let optional = attributes.filter(|(_, form)| form.0.optional);
        let mut compilers = Self {
            files,
            types,
            slots: CommonSlots::declare(&mut Vocabulary::default(), &kinds),
            kinds,
            states: states.collect(),
            optional_attributes: optional.map(|(name, _)| name).collect(),
            vocabulary: Vocabulary::default(),
            is_incomplete: out.has_errors(),
            compilers: RefCell::default(),
            read: RefCell::default(),
        };
        let all: BTreeSet<Name> = types.inputs.keys().cloned().collect();
        compilers.vocabulary = compilers.vocabulary_with(&all);
        // The functions are the same for all: what is wrong with them is reported once.
        let functions = files.functions.as_ref().map(|(file, id)| (file, *id));
        let base = Compiler::new(&compilers.vocabulary, functions);
        let base = base.map_err(|errors| out.extend(errors)).ok();
        compilers.compilers = RefCell::new(BTreeMap::from([(all, base.map(Rc::new))]));
        compilers
    }

    /// The vocabulary, always with the same slots.
    fn vocabulary_with(&self, optional_inputs: &BTreeSet<Name>) -> Vocabulary {
        let mut vocabulary = Vocabulary::default();
        let slots = CommonSlots::declare(&mut vocabulary, &self.kinds);
        if let Ok(key) = CURRENT_TIME.parse() {
            vocabulary.add_key(slots.now, key);
        }
        for (name, ty) in &self.types.attributes {
            let optional = self.optional_attributes.contains(name);
            vocabulary.declare(&format!("account.{name}"), ty.into(), optional);
        }
        for (workflow, states) in &self.states {
            let ty = Type::OneOf(states.as_slice().into());
            vocabulary.declare(&format!("state.{workflow}"), ty, false);
        }
        for (name, session) in &self.types.context {
            let path = format!("context.{name}");
            let slot = vocabulary.declare(&path, (&session.ty).into(), true);
            for key in &session.keys {
                vocabulary.add_key(slot, key.clone());
            }
        }
        for (name, ty) in &self.types.inputs {
            let optional = optional_inputs.contains(name);
            vocabulary.declare(&format!("input.{name}"), ty.into(), optional);
        }
        vocabulary
    }

    pub(super) fn slot(&self, path: &str) -> Option<Slot> {
        self.vocabulary.slot(path)
    }

    /// The path of a slot.
    pub(super) fn path(&self, slot: Slot) -> &str {
        self.vocabulary.fact(slot).map_or("", |fact| &fact.path)
    }

    /// The type of a path, spelled out.
    pub(super) fn type_of(&self, path: &str) -> String {
        let fact = self.slot(path).and_then(|slot| self.vocabulary.fact(slot));
        fact.map_or_else(String::new, |fact| format!("{:?}", fact.ty))
    }

    pub(super) fn common_slots(&self) -> CommonSlots {
        self.slots
    }

    /// The names that anything compiled so far reads.
    pub(super) fn read(&self) -> BTreeSet<Slot> {
        self.read.borrow().clone()
    }

    pub(super) fn functions_text(&self) -> Option<&str> {
        let (file, _) = self.files.functions.as_ref()?;
        Some(&file.text)
    }

    /// The vocabulary as policies see it: every input is optional.
    pub(super) fn into_vocabulary(self) -> Vocabulary {
        self.vocabulary
    }

    /// Compiles an expression of a type; `None` accepts any that can be written as text.
    pub(super) fn expression(
        &self,
        site: &Site<'_>,
        text: &str,
        place: Place<'_>,
        (ty, optional): (Option<Type>, bool),
        out: &mut Findings,
    ) -> Option<Compiled<Expression>> {
        self.compile(site, out, |compiler, may_read| {
            let expected = Expected {
                ty,
                optional,
                may_read,
            };
            compiler.expression(text, place.text(), &expected)
        })
    }

    pub(super) fn template(
        &self,
        site: &Site<'_>,
        text: &str,
        place: Place<'_>,
        out: &mut Findings,
    ) -> Option<Compiled<Template>> {
        self.compile(site, out, |compiler, may_read| {
            compiler.template(text, place.text(), may_read)
        })
    }

    fn compile<T>(
        &self,
        site: &Site<'_>,
        out: &mut Findings,
        compile: impl FnOnce(
            &Compiler,
            &dyn Fn(Slot) -> Result<(), String>,
        ) -> Result<T, Vec<Diagnostic>>,
    ) -> Option<Compiled<T>> {
        let compiler = self.compiler(site.inputs)?;
        let reads = RefCell::new(BTreeSet::new());
        let may_read = |slot: Slot| {
            reads.borrow_mut().insert(slot);
            self.may_read(site, slot)
        };
        let compiled = compile(&compiler, &may_read);
        let reads = reads.into_inner();
        self.read.borrow_mut().extend(&reads);
        match compiled {
            Ok(item) => Some(Compiled { item, reads }),
            Err(errors) => {
                let follows = |error: &Diagnostic| {
                    self.is_incomplete && error.code == expr::codes::UNKNOWN_NAME
                };
                out.extend(errors.into_iter().filter(|error| !follows(error)));
                None
            }
        }
    }

    fn compiler(&self, inputs: &Inputs) -> Option<Rc<Compiler>> {
        let optional: BTreeSet<Name> = inputs
            .iter()
            .filter(|(_, optional)| **optional)
            .map(|(name, _)| name.clone())
            .collect();
        let mut compilers = self.compilers.borrow_mut();
        if compilers.values().all(Option::is_none) {
            return None;
        }
        let vocabulary = self.vocabulary_with(&optional);
        let functions = self.files.functions.as_ref().map(|(file, id)| (file, *id));
        compilers
            .entry(optional)
            .or_insert_with(|| Compiler::new(&vocabulary, functions).ok().map(Rc::new))
            .clone()
    }

    fn may_read(&self, site: &Site<'_>, slot: Slot) -> Result<(), String> {
        let path = self.path(slot);
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        if first == "input" {
            return match site.inputs.contains_key(rest) {
                true => Ok(()),
                false if site.inputs.is_empty() => Err(format!("{} has no inputs", site.what)),
                false => Err(format!("no input `{rest}` is declared for {}", site.what)),
            };
        }
        if site.reads.contains(&first) {
            return Ok(());
        }
        Err(format!("{} cannot read `{path}`", site.what))
    }
}

impl CommonSlots {
    /// Declares the names that do not depend on what a lifecycle declares.
    fn declare(vocabulary: &mut Vocabulary, kinds: &[Name]) -> Self {
        let mut declare = |path: &str, ty: Type| vocabulary.declare(path, ty, false);
        Self {
            account_id: declare("account.id", Type::AccountId),
            account_created_at: declare("account.created_at", Type::Time),
            principal_kind: declare("principal.kind", Type::OneOf(kinds.into())),
            principal_account: declare("principal.account", Type::AccountId),
            principal_name: declare("principal.name", Type::Text),
            principal_groups: declare("principal.groups", Type::Texts),
            now: declare("now", Type::Time),
            now_hour: declare("now.hour", Type::Int),
            now_minute: declare("now.minute", Type::Int),
            now_weekday: declare("now.weekday", Type::Int),
            permission: declare("permission", Type::Text),
            resource: declare("resource", Type::Text),
            address: declare("address", Type::Text),
        }
    }
}
