//! Where Cedar finds what our names stand for: a record for every group of names, in the context of
//! a request. Those that are used make the schema.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::term::{Term, attribute_name};
use crate::expr::{Slot, Type, Vocabulary};

/// The record that tells what is asked.
pub(super) const ASKED: &str = "asked";

/// What it takes for one name: its place in the context, and Cedar's type for it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The record it is in; none for those of one word.
    group: Option<Arc<str>>,
    name: Arc<str>,
    /// Cedar's type.
    pub(super) ty: &'static str,
    /// Whether it can be missing.
    pub(super) optional: bool,
}

impl Place {
    fn record(&self) -> Term {
        let context = Term::variable("context");
        match &self.group {
            Some(group) => context.attribute(group),
            None => context,
        }
    }

    /// Its value.
    pub(super) fn value(&self) -> Term {
        self.record().attribute(&self.name)
    }

    /// Whether it has one.
    pub(super) fn is_set(&self) -> Term {
        if self.optional {
            self.record().has(&self.name)
        } else {
            Term::truth(true)
        }
    }
}

/// The names that exported policies use.
#[derive(Debug)]
pub(super) struct Names<'v> {
    vocabulary: &'v Vocabulary,
    used: BTreeMap<Slot, Place>,
}

impl<'v> Names<'v> {
    pub(super) fn new(vocabulary: &'v Vocabulary) -> Self {
        Self {
            vocabulary,
            used: BTreeMap::new(),
        }
    }

    /// The place of a name, from now on in the schema; or what people call its type, where Cedar has
    /// none for it.
    pub(super) fn place(&mut self, slot: Slot) -> Result<&Place, String> {
        let Some(fact) = self.vocabulary.fact(slot) else {
            return Err("an unknown name".to_owned());
        };
        let ty = cedar_type(&fact.ty).ok_or_else(|| fact.ty.to_string())?;
        let (group, name) = match fact.path.split_once('.') {
            Some((group, name)) => (Some(group), name),
            // `now` is an instant and has parts besides.
            None if &*fact.path == "now" => (Some("now"), "instant"),
            None => (None, &*fact.path),
        };
        let place = || Place {
            group: group.map(Arc::from),
            name: name.into(),
            ty,
            optional: fact.optional,
        };
        Ok(self.used.entry(slot).or_insert_with(place))
    }

    /// Every name that is used, with where it is, in slot order.
    pub(super) fn used(&self) -> impl Iterator<Item = (&str, &Place)> {
        self.used.iter().filter_map(|(slot, place)| {
            let fact = self.vocabulary.fact(*slot)?;
            Some((fact.path.as_ref(), place))
        })
    }

    /// The schema of requests.
    pub(super) fn schema(&self) -> String {
        let mut records: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut lone = Vec::new();
        for place in self.used.values() {
            let optional = if place.optional { "?" } else { "" };
            let declared = format!("{}{optional}: {}", attribute_name(&place.name), place.ty);
            match &place.group {
                Some(group) => records.entry(group).or_default().push(declared),
                None => lone.push(declared),
            }
        }
        let mut context = format!("    {ASKED}: {{ action: String, resource: String }},\n");
        for declared in lone {
            context.push_str(&format!("    {declared},\n"));
        }
        for (group, declared) in records {
            let group = attribute_name(group);
            context.push_str(&format!("    {group}: {{ {} }},\n", declared.join(", ")));
        }
        format!(
            "entity Policy;\nentity Principal in [Policy];\nentity Resource;\n\n\
             action ask appliesTo {{\n  principal: [Principal],\n  resource: [Resource],\n  \
             context: {{\n{context}  }},\n}};\n"
        )
    }
}

fn cedar_type(ty: &Type) -> Option<&'static str> {
    Some(match ty {
        Type::Bool => "Bool",
        Type::Int => "Long",
        Type::Time => "datetime",
        Type::Texts => "Set<String>",
        Type::Ip => "ipaddr",
        Type::Text
        | Type::Phone
        | Type::Email
        | Type::Country
        | Type::AccountId
        | Type::OneOf(_)
        | Type::Secret => "String",
        Type::Duration => return None,
    })
}
