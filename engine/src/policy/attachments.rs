//! What policies are attached to besides principals: nodes of a directory, resource groups, and
//! resources themselves.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::pattern::Pattern;
use super::principal::Principal;
use super::requested::Requested;
use super::set::Policy;
use crate::expr::{Facts, Slot, Val};
use crate::source::Span;

/// Most control policies on one node.
pub(super) const CONTROL_POLICIES_MAX: usize = 10;

/// Policies that are attached to something, in the order in which they are written there.
pub type Attached = Box<[Arc<Policy>]>;

/// Everything that policies are attached to besides principals.
#[derive(Debug, Clone, Default)]
pub struct Attachments {
    pub(super) control: Option<ControlPolicies>,
    pub(super) resource_groups: BTreeMap<Arc<str>, ResourceGroup>,
    pub(super) resource_policies: Vec<ResourcePolicies>,
}

impl Attachments {
    /// The control policies, where they are enabled.
    pub fn control(&self) -> Option<&ControlPolicies> {
        self.control.as_ref()
    }

    /// The resource groups, by name.
    pub fn resource_groups(&self) -> impl Iterator<Item = (&Arc<str>, &ResourceGroup)> {
        self.resource_groups.iter()
    }

    /// A resource group.
    pub fn resource_group(&self, name: &str) -> Option<&ResourceGroup> {
        self.resource_groups.get(name)
    }

    /// The policies of resources, in the order of the file.
    pub fn resource_policies(&self) -> &[ResourcePolicies] {
        &self.resource_policies
    }
}

/// Resources that are administered together.
#[derive(Debug, Clone)]
pub struct ResourceGroup {
    /// What belongs to it.
    pub resources: Box<[Pattern]>,
    /// What it is.
    pub about: Option<Arc<str>>,
    /// Where it is declared.
    pub span: Span,
}

impl ResourceGroup {
    /// Whether a [canonical](super::canonical_resource) resource belongs to it.
    pub fn contains(&self, resource: &str) -> bool {
        self.resources.iter().any(|of| of.matches(resource))
    }

    pub(super) fn has(&self, request: &Requested<'_>) -> bool {
        self.resources.iter().any(|of| of.covers(request))
    }
}

/// The policies of some resources themselves: those of a bucket, the trust policy of a role.
#[derive(Debug, Clone)]
pub struct ResourcePolicies {
    /// Which resources.
    pub resources: Box<[Pattern]>,
    /// Their policies.
    pub policies: Attached,
    /// Where they are attached.
    pub span: Span,
}

impl ResourcePolicies {
    /// Whether they are those of a [canonical](super::canonical_resource) resource.
    pub fn cover(&self, resource: &str) -> bool {
        self.resources.iter().any(|of| of.matches(resource))
    }

    pub(super) fn are_of(&self, request: &Requested<'_>) -> bool {
        self.resources.iter().any(|of| of.covers(request))
    }
}

/// The policies of a directory's nodes, which bound what the policies of its members can allow.
#[derive(Debug, Clone)]
pub struct ControlPolicies {
    pub(super) root: Arc<str>,
    /// The name that says where an account lies.
    pub(super) place: Slot,
    /// The name that says which account manages it.
    pub(super) manager: Option<Slot>,
    /// `account.id`.
    pub(super) account: Option<Slot>,
    pub(super) default: Attached,
    pub(super) attached: BTreeMap<Arc<str>, Attached>,
}

/// Where an account lies, as control policies see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'f> {
    /// In the directory, at this place.
    Member(&'f str),
    /// Elsewhere, or there is no account: no level applies.
    Outside,
    /// Nobody has said where: no level can be asked.
    Unknown,
}

/// One level of the way from an account up to the root.
#[derive(Debug, Clone, Copy)]
pub struct Level<'c> {
    /// The node: the account's own place, a folder, or the root.
    pub node: &'c str,
    /// The policies there.
    pub policies: &'c Attached,
    /// Whether these are the default ones, for want of a line of the node's own.
    pub is_default: bool,
}

impl ControlPolicies {
    /// The root of the directory.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The name that says where an account lies.
    pub fn place(&self) -> Slot {
        self.place
    }

    /// The names that say whom they do not bind: which account manages the one in question, and, for
    /// owners, which that is.
    pub fn exempting(&self, owns_account: bool) -> impl Iterator<Item = Slot> {
        let own = self.account.filter(|_| owns_account);
        self.manager.into_iter().chain(own)
    }

    /// The policies of nodes that have no line of their own.
    pub fn default_policies(&self) -> &Attached {
        &self.default
    }

    /// The nodes that have a line of their own, with their policies.
    pub fn attached(&self) -> impl Iterator<Item = (&Arc<str>, &Attached)> {
        self.attached.iter()
    }

    /// The names they look at: where an account lies, and whose it is.
    pub fn reads(&self) -> impl Iterator<Item = Slot> {
        let whose = [self.manager, self.account].into_iter().flatten();
        std::iter::once(self.place).chain(whose)
    }

    /// Where the account of these facts lies.
    pub fn standing<'f>(&self, facts: &Facts<'f>) -> Standing<'f> {
        match facts.get(self.place) {
            // No account: its names read `*`, which no place is.
            Val::Text("*") => Standing::Outside,
            Val::Text(place) if is_within(&self.root, place) => Standing::Member(place),
            Val::Text(_) => Standing::Outside,
            _ => Standing::Unknown,
        }
    }

    /// Whether a principal is not bound: the account's owner, whoever belongs to the account that
    /// manages it, and what is linked to a service.
    pub fn exempt(&self, principal: &Principal, owns_account: bool, facts: &Facts<'_>) -> bool {
        let home = Val::Text(principal.account.as_str());
        let is_home = |slot: Option<Slot>| slot.is_some_and(|slot| facts.get(slot) == home);
        principal.service_linked || is_home(self.manager) || (owns_account && is_home(self.account))
    }

    /// The levels from a place up to the root.
    pub fn levels<'c>(&'c self, place: &'c str) -> impl Iterator<Item = Level<'c>> {
        let above = |node: &&'c str| {
            let end = node.rfind('/')?;
            node.get(..end).filter(|above| is_within(&self.root, above))
        };
        std::iter::successors(Some(place), above).map(|node| {
            let own = self.attached.get(node);
            Level {
                node,
                policies: own.unwrap_or(&self.default),
                is_default: own.is_none(),
            }
        })
    }

    /// The name of a node, to keep.
    pub(super) fn name_of(&self, node: &str) -> Arc<str> {
        let own = self.attached.get_key_value(node);
        own.map_or_else(|| node.into(), |(name, _)| name.clone())
    }
}

/// Whether a path is the root or lies below it.
pub(super) fn is_within(root: &str, path: &str) -> bool {
    let below = path.strip_prefix(root);
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
