//! The part of `principals.yaml` that attaches policies to other things than principals.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

use super::attachments::{
    Attached, CONTROL_POLICIES_MAX, ControlPolicies, ResourceGroup, ResourcePolicies, is_within,
};
use super::codes;
use super::pattern::Pattern;
use super::principals::Loading;
use crate::diagnostic::Diagnostic;
use crate::expr::{Slot, Type, Vocabulary};
use crate::source::Place;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResourceGroupForm {
    resources: Patterns,
    about: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResourcePoliciesForm {
    resources: Patterns,
    policies: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ControlPoliciesForm {
    root: String,
    place: String,
    manager: Option<String>,
    default: Vec<String>,
    #[serde(default)]
    attached: BTreeMap<String, Vec<String>>,
}

/// One resource pattern, or a list of several.
#[derive(Debug)]
struct Patterns(Vec<String>);

impl<'de> Deserialize<'de> for Patterns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrSeveral;

        impl<'de> Visitor<'de> for OneOrSeveral {
            type Value = Patterns;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a resource pattern or a list of several")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Patterns, E> {
                Ok(Patterns(vec![text.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Patterns, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Patterns)
            }
        }

        deserializer.deserialize_any(OneOrSeveral)
    }
}

impl Loading<'_> {
    pub(super) fn resource_groups(
        &mut self,
        forms: BTreeMap<String, ResourceGroupForm>,
        place: Place<'_>,
    ) {
        for (name, form) in forms {
            let place = place.key(&name);
            let group = ResourceGroup {
                resources: self.patterns(&form.resources, place.key("resources")),
                about: form.about.map(Arc::from),
                span: place.head(),
            };
            let groups = &mut self.principals.attachments.resource_groups;
            groups.insert(name.into(), group);
        }
    }

    pub(super) fn resource_policies(&mut self, forms: Vec<ResourcePoliciesForm>, place: Place<'_>) {
        for (index, form) in forms.into_iter().enumerate() {
            let place = place.item(index);
            let attached = ResourcePolicies {
                resources: self.patterns(&form.resources, place.key("resources")),
                policies: self.attached_to(&form.policies, place.key("policies")),
                span: place.head(),
            };
            self.principals.attachments.resource_policies.push(attached);
        }
    }

    pub(super) fn control_policies(
        &mut self,
        form: ControlPoliciesForm,
        vocabulary: &Vocabulary,
        place: Place<'_>,
    ) {
        let mut fact = |key: &str, path: &str, types: &[Type]| {
            let found = named(path, key, types, vocabulary, place.key(key));
            found.map_err(|finding| self.findings.push(*finding))
        };
        let account_place = fact("place", &form.place, &[Type::Text]);
        let ids = [Type::AccountId, Type::Text];
        let manager = form.manager.as_deref();
        let manager = manager.map(|path| fact("manager", path, &ids)).transpose();
        if !is_path(&form.root) {
            let says = format!("`{}` is not the path of a root", form.root);
            let finding = Diagnostic::error(codes::BAD_NODE, place.key("root").text(), says);
            self.findings.push(finding.help(PATH_RULE));
        }
        let default = self.on_node("a node", &form.default, place.key("default"));
        let attached = self.nodes(&form, place.key("attached"));
        if let (Ok(place), Ok(manager)) = (account_place, manager) {
            self.principals.attachments.control = Some(ControlPolicies {
                root: form.root.into(),
                place,
                manager,
                account: vocabulary.slot("account.id"),
                default,
                attached,
            });
        }
    }

    /// The nodes that have a line of their own.
    fn nodes(
        &mut self,
        form: &ControlPoliciesForm,
        place: Place<'_>,
    ) -> BTreeMap<Arc<str>, Attached> {
        let mut attached = BTreeMap::new();
        for (node, policies) in &form.attached {
            let place = place.key(node);
            if !is_path(node) || !is_within(&form.root, node) {
                let says = format!("`{node}` does not lie below the root `{}`", form.root);
                let finding = Diagnostic::error(codes::BAD_NODE, place.head(), says);
                self.findings.push(finding.help(PATH_RULE));
                continue;
            }
            let policies = self.on_node(&format!("`{node}`"), policies, place);
            attached.insert(node.as_str().into(), policies);
        }
        attached
    }

    /// The policies of one node, of which there must be one and may be ten.
    fn on_node(&mut self, node: &str, names: &[String], place: Place<'_>) -> Attached {
        if names.is_empty() {
            let says = format!(
                "the last control policy of {node} cannot be detached \
                 (NotSupport.DetachLastControlPolicy)"
            );
            let finding = Diagnostic::error(codes::NO_CONTROL_POLICY, place.span(), says);
            let help = "without a policy there, nothing would be allowed below: leave one that \
                        allows all, or leave out the line for the default";
            self.findings.push(finding.help(help));
        }
        if let Some(first_too_many) = names.get(CONTROL_POLICIES_MAX) {
            let says = format!(
                "{node} has {} control policies; {CONTROL_POLICIES_MAX} are the limit",
                names.len()
            );
            let at = place.item(CONTROL_POLICIES_MAX).text();
            let finding = Diagnostic::error(codes::TOO_MANY_CONTROL_POLICIES, at, says);
            let help = format!("detach one, or move what `{first_too_many}` says into another");
            self.findings.push(finding.help(help));
        }
        self.attached_to(names, place)
    }

    fn attached_to(&mut self, names: &[String], place: Place<'_>) -> Attached {
        let policies = self.policies;
        let names = self.attached(names, place);
        let found = names.iter().filter_map(|name| policies.shared(name));
        found.cloned().collect()
    }

    fn patterns(&mut self, texts: &Patterns, place: Place<'_>) -> Box<[Pattern]> {
        let mut patterns = Vec::with_capacity(texts.0.len());
        for (index, text) in texts.0.iter().enumerate() {
            match Pattern::resource(text) {
                Ok(pattern) => patterns.push(pattern),
                Err(error) => {
                    let at = place.item(index).span();
                    let finding = Diagnostic::error(codes::BAD_RESOURCE, at, error.to_string());
                    let help = "write a resource name, such as `acs:service:region:account:path`";
                    self.findings.push(finding.help(help));
                }
            }
        }
        patterns.into()
    }
}

const PATH_RULE: &str = "write the whole path from the directory on, such as `rd-3G/r-Wm/fd-A`, without a `/` at an end";

fn is_path(text: &str) -> bool {
    let letter = |c: char| !c.is_whitespace() && !c.is_control() && c != '*';
    let part = |part: &str| !part.is_empty() && part.chars().all(letter);
    text.split('/').all(part)
}

/// The slot of a name of the lifecycle that has one of these types.
fn named(
    path: &str,
    key: &str,
    types: &[Type],
    vocabulary: &Vocabulary,
    place: Place<'_>,
) -> Result<Slot, Box<Diagnostic>> {
    let error = |says: String| Diagnostic::error(codes::BAD_CONTROL_FACT, place.text(), says);
    let slot = vocabulary
        .slot(path)
        .filter(|_| path.starts_with("account."));
    let Some((slot, fact)) = slot.and_then(|slot| Some((slot, vocabulary.fact(slot)?))) else {
        let known = vocabulary.facts().map(|(_, fact)| &*fact.path);
        let known = known.filter(|path| path.starts_with("account."));
        let says = format!("`{path}` is not an attribute of accounts");
        return Err(Box::new(error(says).did_you_mean(path, known)));
    };
    if types.contains(&fact.ty) {
        return Ok(slot);
    }
    let wanted: Vec<String> = types.iter().map(ToString::to_string).collect();
    let says = format!(
        "`{path}` is of type {}, but `{key}` takes one of type {}",
        fact.ty,
        wanted.join(" or ")
    );
    Err(Box::new(error(says)))
}
