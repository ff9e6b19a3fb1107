//! Who may ask: everybody who is listed, and the owners of accounts.

use std::collections::BTreeSet;

use super::profile::Profile;
use crate::bundle::Bundle;
use crate::name::{AccountId, Name};
use crate::policy::{Principal, PrincipalName};

/// An asker of a [`Model`](super::Model), by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AskerId(pub(super) u16);

/// Who an asker is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A principal that is listed.
    Listed(PrincipalName),
    /// The owner of the account, of a kind that owns accounts.
    Owner {
        /// The kind.
        kind: Name,
    },
    /// The owner of another account, whichever.
    OtherOwner {
        /// The kind.
        kind: Name,
        /// The account, where it is one that is known by name.
        account: Option<AccountId>,
    },
}

/// Somebody who may ask for transitions.
#[derive(Debug, Clone)]
pub struct Asker {
    /// Who.
    pub who: Who,
    /// As policies see it.
    pub principal: Principal,
    /// The account's id as this asker's requests see it: that of an owner's account is its own.
    pub(super) account: Option<AccountId>,
}

/// Stands for an account of which nothing is known but whose owner asks; no account is named so.
const SOME_ACCOUNT: &str = "the-account";
/// Stands for any other account.
const OTHER_ACCOUNT: &str = "another-account";

/// Everybody. Principals that do not exist yet are not among them: what is found out holds for the
/// principals of the definition.
pub(super) fn askers(bundle: &Bundle, profile: &Profile) -> Vec<Asker> {
    let listed = || bundle.principals.listed().map(|listed| &listed.principal);
    let mut askers: Vec<Asker> = listed()
        .map(|principal| Asker {
            who: Who::Listed(principal.name.clone()),
            principal: principal.clone(),
            account: profile.id.clone(),
        })
        .collect();
    let own = profile.id.clone().or_else(|| SOME_ACCOUNT.parse().ok());
    // Without an account, none that is known by name is for certain another one.
    let named: BTreeSet<AccountId> = match &profile.id {
        Some(id) => {
            let accounts = listed().map(|principal| principal.account.clone());
            accounts.filter(|account| account != id).collect()
        }
        None => BTreeSet::new(),
    };
    for kind in bundle.lifecycle.principal_kinds.keys() {
        if !bundle.principals.owns_account(kind) {
            continue;
        }
        let owner = |account: &AccountId, who: Who| {
            let name = PrincipalName::new(kind, account.as_str()).ok()?;
            Some(Asker {
                who,
                principal: Principal::new(name, account.clone()),
                account: own.clone(),
            })
        };
        let kind = || kind.clone();
        let itself = own
            .iter()
            .map(|id| (id.clone(), Who::Owner { kind: kind() }));
        let others = named.iter().map(|id| {
            let account = Some(id.clone());
            (
                id.clone(),
                Who::OtherOwner {
                    kind: kind(),
                    account,
                },
            )
        });
        let unnamed = OTHER_ACCOUNT.parse().ok().map(|id| {
            let account = None;
            (
                id,
                Who::OtherOwner {
                    kind: kind(),
                    account,
                },
            )
        });
        let all = itself.chain(others).chain(unnamed);
        askers.extend(all.filter_map(|(id, who)| owner(&id, who)));
    }
    askers
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Listed(name) => write!(f, "{name}"),
            Self::Owner { kind } => write!(f, "{kind} of the account"),
            Self::OtherOwner {
                kind,
                account: Some(account),
            } => write!(f, "{kind}/{account}"),
            Self::OtherOwner {
                kind,
                account: None,
            } => write!(f, "{kind} of another account"),
        }
    }
}
