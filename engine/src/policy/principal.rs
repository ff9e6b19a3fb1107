//! Principals: the authenticated parties that ask.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::name::{AccountId, Name};

const NAME_LENGTH_MAX: usize = 128;

/// Why a text is not a principal's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a principal's name: {}", Self::RULE)]
pub struct PrincipalNameError {
    text: String,
}

impl PrincipalNameError {
    /// What a valid name looks like, as a phrase for a help line.
    pub const RULE: &'static str = "write `kind/name`, such as `ram_user/ops-lin`, \
        the name in 1 to 128 of A-Z, a-z, 0-9, '-', '_', '.' and '@'";
}

/// The full name of a principal, `kind/name`.
///
/// It is read as people write it: `ram-user/ops-lin` is `ram_user/ops-lin`, and `root@1000` is
/// `root/1000`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PrincipalName {
    text: Arc<str>,
    kind: Name,
}

impl PrincipalName {
    /// A name of its two parts.
    ///
    /// # Errors
    /// When `own` is not the second part of a name.
    pub fn new(kind: &Name, own: &str) -> Result<Self, PrincipalNameError> {
        let text = format!("{kind}/{own}");
        let letter = |b: u8| b.is_ascii_alphanumeric() || b"-_.@".contains(&b);
        let valid = (1..=NAME_LENGTH_MAX).contains(&own.len()) && own.bytes().all(letter);
        if !valid {
            return Err(not_a_name(&text));
        }
        Ok(Self {
            text: text.into(),
            kind: kind.clone(),
        })
    }

    /// The full name.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The part before the `/`.
    pub fn kind(&self) -> &Name {
        &self.kind
    }

    /// The part after the `/`.
    pub fn own(&self) -> &str {
        self.text.split_once('/').map_or("", |(_, own)| own)
    }
}

fn not_a_name(text: &str) -> PrincipalNameError {
    PrincipalNameError {
        text: text.chars().take(160).collect(),
    }
}

impl FromStr for PrincipalName {
    type Err = PrincipalNameError;

    fn from_str(text: &str) -> Result<Self, PrincipalNameError> {
        let parts = text.split_once('/').or_else(|| text.split_once('@'));
        let (kind, own) = parts.ok_or_else(|| not_a_name(text))?;
        let kind = kind.replace('-', "_").parse();
        Self::new(&kind.map_err(|_| not_a_name(text))?, own)
    }
}

impl TryFrom<String> for PrincipalName {
    type Error = PrincipalNameError;

    fn try_from(text: String) -> Result<Self, PrincipalNameError> {
        text.parse()
    }
}

impl From<PrincipalName> for String {
    fn from(name: PrincipalName) -> Self {
        name.text.as_ref().to_owned()
    }
}

impl fmt::Display for PrincipalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for PrincipalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.text)
    }
}

/// An authenticated party, as a decision sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// Its full name.
    pub name: PrincipalName,
    /// Its kind, one of the lifecycle's: the first part of its name.
    pub kind: Name,
    /// The account it belongs to.
    pub account: AccountId,
    /// The policies in effect: its own and those of its groups, each once.
    pub policies: Vec<Arc<str>>,
    /// The groups it is in.
    pub groups: Vec<Arc<str>>,
    /// The policies it has in resource groups, by group: asked where the others are silent.
    #[serde(default)]
    pub resource_groups: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    /// The policies that bound its session, where it is one that was bounded: they must allow, too.
    #[serde(default)]
    pub session: Option<Vec<Arc<str>>>,
    /// Whether it is linked to a service, so that control policies do not bind it.
    #[serde(default)]
    pub service_linked: bool,
}

impl Principal {
    /// A principal without policies or groups.
    pub fn new(name: PrincipalName, account: AccountId) -> Self {
        Self {
            kind: name.kind().clone(),
            name,
            account,
            policies: Vec::new(),
            groups: Vec::new(),
            resource_groups: BTreeMap::new(),
            session: None,
            service_linked: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_people_write_them() {
        for (text, full) in [
            ("ram_user/ops-lin", "ram_user/ops-lin"),
            ("ram-user/ops-lin", "ram_user/ops-lin"),
            ("root@1000", "root/1000"),
            ("sso_session/lin@example.com", "sso_session/lin@example.com"),
        ] {
            let name: PrincipalName = text.parse().unwrap();
            assert_eq!(name.as_str(), full);
            assert_eq!(format!("{}/{}", name.kind(), name.own()), full);
        }
        let long = format!("ram_user/{}", "x".repeat(129));
        for bad in [
            "",
            "lin",
            "ram_user/",
            "/lin",
            "Ram/lin",
            "a/b/c",
            "a/b c",
            &long,
        ] {
            assert!(bad.parse::<PrincipalName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_principal_survives_serde() {
        let mut principal = Principal::new("root/1000".parse().unwrap(), "1000".parse().unwrap());
        principal.policies.push("P".into());
        let json = serde_json::to_string(&principal).unwrap();
        assert_eq!(serde_json::from_str::<Principal>(&json).unwrap(), principal);
    }

    #[test]
    fn a_principal_of_before_there_were_stages_is_still_read() {
        let json =
            r#"{"name":"root/1000","kind":"root","account":"1000","policies":["P"],"groups":[]}"#;
        let mut principal = Principal::new("root/1000".parse().unwrap(), "1000".parse().unwrap());
        principal.policies.push("P".into());
        assert_eq!(serde_json::from_str::<Principal>(json).unwrap(), principal);

        let row = (&principal.name, &principal.kind, &principal.account);
        let row = (row.0, row.1, row.2, &principal.policies, &principal.groups);
        let row = rmp_serde::to_vec(&row).unwrap();
        assert_eq!(rmp_serde::from_slice::<Principal>(&row).unwrap(), principal);
    }
}
