//! `principals.yaml`: who there is, and which policies each has.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::attaching::{ControlPoliciesForm, ResourceGroupForm, ResourcePoliciesForm};
use super::attachments::Attachments;
use super::codes;
use super::principal::{Principal, PrincipalName, PrincipalNameError};
use super::set::PolicySet;
use crate::diagnostic::{Code, Diagnostic, yaml};
use crate::expr::Vocabulary;
use crate::name::{AccountId, Name, closest};
use crate::source::{FileId, Place, Span};

/// The file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PrincipalsFile {
    #[serde(default)]
    groups: BTreeMap<String, GroupForm>,
    #[serde(default)]
    principals: BTreeMap<String, PrincipalForm>,
    #[serde(default)]
    resource_groups: BTreeMap<String, ResourceGroupForm>,
    #[serde(default)]
    resource_policies: Vec<ResourcePoliciesForm>,
    control_policies: Option<ControlPoliciesForm>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupForm {
    #[serde(default)]
    policies: Vec<String>,
    about: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PrincipalForm {
    account: String,
    #[serde(default)]
    policies: Vec<String>,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default)]
    resource_groups: BTreeMap<String, Vec<String>>,
    session: Option<Vec<String>>,
    #[serde(default)]
    service_linked: bool,
    about: Option<String>,
}

/// A group of principals.
#[derive(Debug, Clone)]
pub struct Group {
    /// The policies that its members have.
    pub policies: Vec<Arc<str>>,
    /// What it is.
    pub about: Option<Arc<str>>,
    /// Where it is declared.
    pub span: Span,
}

/// A principal of the file.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The principal.
    pub principal: Principal,
    /// Who it is.
    pub about: Option<Arc<str>>,
    /// Where it is declared.
    pub span: Span,
}

/// Whether a kind of principal owns its account, by kind.
pub type Kinds = BTreeMap<Name, bool>;

/// No principal has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no principal `{asked}`")]
pub struct UnknownPrincipal {
    /// The name that was asked for.
    pub asked: String,
    /// A name that it may have been meant to be.
    pub closest: Option<String>,
}

/// All principals that are known by name.
#[derive(Debug, Clone, Default)]
pub struct Principals {
    groups: BTreeMap<Arc<str>, Group>,
    listed: BTreeMap<PrincipalName, Listed>,
    kinds: Kinds,
    pub(super) attachments: Attachments,
}

impl Principals {
    /// Principals of these kinds of which none is listed: account owners exist by themselves.
    pub fn of_kinds(kinds: Kinds) -> Self {
        Self {
            kinds,
            ..Self::default()
        }
    }

    /// Reads the file. What is wrong is added to `findings`, and left out.
    pub fn load(
        file: FileId,
        text: &str,
        kinds: Kinds,
        vocabulary: &Vocabulary,
        policies: &PolicySet,
        findings: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut principals = Self::of_kinds(kinds);
        let (read, errors) = yaml::read::<PrincipalsFile>(file, text);
        findings.extend(errors);
        let Some(yaml::Read {
            value: form,
            document,
        }) = read
        else {
            return principals;
        };
        let mut loading = Loading {
            principals: &mut principals,
            policies,
            findings,
        };
        let at = |key| document.root().key(key);
        loading.groups(form.groups, at("groups"));
        loading.resource_groups(form.resource_groups, at("resource_groups"));
        loading.resource_policies(form.resource_policies, at("resource_policies"));
        if let Some(control) = form.control_policies {
            loading.control_policies(control, vocabulary, at("control_policies"));
        }
        loading.listed(form.principals, at("principals"));
        principals
    }

    /// The principal of a name as people write it: `ram_user/ops-lin`, `ram-user/ops-lin`,
    /// `root/1000` or `root@1000`.
    ///
    /// # Errors
    /// When there is none; with the closest name there is.
    pub fn resolve(&self, text: &str) -> Result<Principal, UnknownPrincipal> {
        let name = text.parse::<PrincipalName>().ok();
        let found = name.as_ref().and_then(|name| self.get(name));
        found.ok_or_else(|| self.unknown(text, name.as_ref()))
    }

    fn get(&self, name: &PrincipalName) -> Option<Principal> {
        if self.owns_account(name.kind()) {
            let account = name.own().parse().ok()?;
            return Some(Principal::new(name.clone(), account));
        }
        self.listed.get(name).map(|listed| listed.principal.clone())
    }

    fn unknown(&self, text: &str, name: Option<&PrincipalName>) -> UnknownPrincipal {
        let asked: String = text.chars().take(160).collect();
        let wanted = name.map_or(asked.as_str(), PrincipalName::as_str);
        // A bare name is most often one whose kind was left out.
        let same = |listed: &&PrincipalName| listed.own() == wanted;
        let near = self.listed.keys().find(same).map(PrincipalName::as_str);
        let near = near.or_else(|| closest(wanted, self.listed.keys().map(PrincipalName::as_str)));
        UnknownPrincipal {
            closest: near.map(str::to_owned),
            asked,
        }
    }

    /// Whether principals of a kind own their account.
    pub fn owns_account(&self, kind: &Name) -> bool {
        self.kinds.get(kind).copied().unwrap_or_default()
    }

    /// The principals of the file, by name.
    pub fn listed(&self) -> impl Iterator<Item = &Listed> {
        self.listed.values()
    }

    /// The policies that are attached to other things than principals.
    pub fn attachments(&self) -> &Attachments {
        &self.attachments
    }

    /// The groups, by name.
    pub fn groups(&self) -> impl Iterator<Item = (&Arc<str>, &Group)> {
        self.groups.iter()
    }
}

/// The file on its way to principals.
pub(super) struct Loading<'a> {
    pub(super) principals: &'a mut Principals,
    pub(super) policies: &'a PolicySet,
    pub(super) findings: &'a mut Vec<Diagnostic>,
}

impl Loading<'_> {
    fn error(&mut self, code: Code, span: Span, says: String) -> Option<&mut Diagnostic> {
        self.findings.push(Diagnostic::error(code, span, says));
        self.findings.last_mut()
    }

    fn groups(&mut self, forms: BTreeMap<String, GroupForm>, place: Place<'_>) {
        for (name, form) in forms {
            let place = place.key(&name);
            let group = Group {
                policies: self.attached(&form.policies, place.key("policies")),
                about: form.about.map(Arc::from),
                span: place.head(),
            };
            self.principals.groups.insert(name.into(), group);
        }
    }

    fn listed(&mut self, forms: BTreeMap<String, PrincipalForm>, place: Place<'_>) {
        for (name, form) in forms {
            let place = place.key(&name);
            let Some((name, account)) = self.identity(&name, &form, place) else {
                continue;
            };
            if let Some(other) = self.principals.listed.get(&name).map(|other| other.span) {
                self.twice(&name, other, place.head());
                continue;
            }
            let mut principal = Principal::new(name, account);
            principal.policies = self.attached(&form.policies, place.key("policies"));
            principal.groups = self.memberships(&form.groups, place.key("groups"));
            for group in &principal.groups {
                let group = self.principals.groups.get(group);
                for policy in group.into_iter().flat_map(|group| &group.policies) {
                    push_once(&mut principal.policies, policy);
                }
            }
            principal.resource_groups = self.granted(&form.resource_groups, place);
            let session = form.session.as_ref();
            principal.session = session.map(|names| self.attached(names, place.key("session")));
            principal.service_linked = form.service_linked;
            let listed = Listed {
                about: form.about.map(Arc::from),
                span: place.head(),
                principal,
            };
            let name = listed.principal.name.clone();
            self.principals.listed.insert(name, listed);
        }
    }

    /// Two lines are one principal's: which of them counts would be anybody's guess.
    fn twice(&mut self, name: &PrincipalName, one: Span, other: Span) {
        let (first, again) = if one.start < other.start {
            (one, other)
        } else {
            (other, one)
        };
        let says = format!("the principal `{name}` is written twice");
        let finding = Diagnostic::error(yaml::DUPLICATE_KEY, again, says);
        let mut finding = finding.also(first, "first written here");
        finding.help.push("remove one of them".to_owned());
        self.findings.push(finding);
    }

    fn identity(
        &mut self,
        name: &str,
        form: &PrincipalForm,
        place: Place<'_>,
    ) -> Option<(PrincipalName, AccountId)> {
        let head = place.head();
        let Ok(parsed) = name.parse::<PrincipalName>() else {
            let says = format!("`{name}` is not a principal's name");
            let finding = self.error(codes::BAD_PRINCIPAL, head, says)?;
            finding.help.push(PrincipalNameError::RULE.to_owned());
            return None;
        };
        match self.principals.kinds.get(parsed.kind()) {
            Some(false) => {}
            Some(true) => {
                let says = format!("`{name}` is listed, but owners exist by themselves");
                let finding = self.error(codes::OWNER_LISTED, head, says)?;
                finding
                    .help
                    .push("remove it: an owner has no policies".to_owned());
                return None;
            }
            None => {
                let says = format!("`{}` is not a kind of principal", parsed.kind());
                let kinds: Vec<Name> = self.principals.kinds.keys().cloned().collect();
                let known: Vec<&str> = kinds.iter().map(Name::as_str).collect();
                let finding = self.error(codes::UNKNOWN_KIND, head, says)?;
                finding.help.push(
                    match closest(parsed.kind().as_str(), known.iter().copied()) {
                        Some(close) => format!("did you mean `{close}`?"),
                        None => format!("the lifecycle has {}", known.join(", ")),
                    },
                );
                return None;
            }
        }
        match form.account.parse() {
            Ok(account) => Some((parsed, account)),
            Err(error) => {
                let error: crate::name::NameError = error;
                let says = format!("`{}` is not an account id", form.account);
                let span = place.key("account").span();
                let finding = self.error(codes::BAD_ACCOUNT, span, says)?;
                finding.help.push(error.rule().to_owned());
                None
            }
        }
    }

    /// The policies of a principal in resource groups.
    fn granted(
        &mut self,
        forms: &BTreeMap<String, Vec<String>>,
        place: Place<'_>,
    ) -> BTreeMap<Arc<str>, Vec<Arc<str>>> {
        let place = place.key("resource_groups");
        let mut granted = BTreeMap::new();
        for (group, names) in forms {
            let policies = self.attached(names, place.key(group));
            let known = &self.principals.attachments.resource_groups;
            if let Some((group, _)) = known.get_key_value(&**group) {
                granted.insert(group.clone(), policies);
                continue;
            }
            let says = format!("there is no resource group `{group}`");
            let head = place.key(group).head();
            let finding = Diagnostic::error(codes::UNKNOWN_RESOURCE_GROUP, head, says);
            let finding = finding.did_you_mean(group, known.keys().map(AsRef::as_ref));
            self.findings.push(finding);
        }
        granted
    }

    pub(super) fn attached(&mut self, names: &[String], place: Place<'_>) -> Vec<Arc<str>> {
        let policies = self.policies;
        let known = |name: &str| policies.get(name).map(|policy| policy.name().clone());
        let all: Vec<&str> = policies.names().collect();
        self.known_names(names, place, codes::UNKNOWN_POLICY, "policy", &known, &all)
    }

    fn memberships(&mut self, names: &[String], place: Place<'_>) -> Vec<Arc<str>> {
        let groups: Vec<Arc<str>> = self.principals.groups.keys().cloned().collect();
        let known = |name: &str| groups.iter().find(|group| &***group == name).cloned();
        let all: Vec<&str> = groups.iter().map(|group| &**group).collect();
        self.known_names(names, place, codes::UNKNOWN_GROUP, "group", &known, &all)
    }

    fn known_names(
        &mut self,
        names: &[String],
        place: Place<'_>,
        code: Code,
        what: &str,
        known: &dyn Fn(&str) -> Option<Arc<str>>,
        all: &[&str],
    ) -> Vec<Arc<str>> {
        let mut found = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            match known(name) {
                Some(name) => push_once(&mut found, &name),
                None => {
                    let says = format!("there is no {what} `{name}`");
                    let finding = Diagnostic::error(code, place.item(index).text(), says);
                    self.findings
                        .push(finding.did_you_mean(name, all.iter().copied()));
                }
            }
        }
        found
    }
}

fn push_once(names: &mut Vec<Arc<str>>, name: &Arc<str>) {
    if !names.contains(name) {
        names.push(name.clone());
    }
}
