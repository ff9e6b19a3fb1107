//! Relations between a value and any of several texts: `like(text, [..])`, `ip_in(ip, [..])`.
//!
//! Texts that are known when an expression is checked are read once, then ([`Prepared`]); a decision
//! only compares.

use std::net::IpAddr;
use std::sync::Arc;

use super::Val;
use super::fault::Fault;
use crate::network::{self, Network};
use crate::wildcard::{self, Case, Wildcard};

/// What has to hold between a value and one of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// The texts are the same, but for the case of A to Z.
    SameText,
    /// The text has the form of a pattern.
    Like(Case),
    /// The address is the one that is named, or one of the network.
    IpIn,
}

impl Relation {
    /// Whether it holds between a value and a text that is read now.
    pub(super) fn holds(self, value: Val<'_>, text: Val<'_>) -> Result<bool, Fault> {
        if self == Self::IpIn {
            let network = Network::parse(self::text(text)?).ok_or(NO_NETWORK)?;
            return Ok(network.contains(address(value)?));
        }
        let (value, text) = (self::text(value)?, self::text(text)?);
        Ok(match self {
            Self::Like(case) => wildcard::matches(text, value, case),
            _ => value.eq_ignore_ascii_case(text),
        })
    }

    /// Reads texts for later; `None` if one cannot be read.
    pub(super) fn prepare(self, texts: &[Arc<str>]) -> Option<Prepared> {
        Some(match self {
            Self::SameText => Prepared::Texts(texts.into()),
            Self::Like(case) => {
                let patterns = texts.iter().map(|text| Wildcard::new(text));
                Prepared::Patterns(patterns.collect(), case)
            }
            Self::IpIn => {
                let networks = texts.iter().map(|text| Network::parse(text));
                Prepared::Networks(networks.collect::<Option<_>>()?)
            }
        })
    }
}

/// Texts as their relation reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Prepared {
    Texts(Box<[Arc<str>]>),
    Patterns(Box<[Wildcard]>, Case),
    Networks(Box<[Network]>),
}

impl Prepared {
    /// Whether the relation holds between a value and any of them.
    pub(super) fn any(&self, value: Val<'_>) -> Result<bool, Fault> {
        Ok(match self {
            Self::Texts(texts) => {
                let value = text(value)?;
                texts.iter().any(|text| value.eq_ignore_ascii_case(text))
            }
            Self::Patterns(patterns, case) => {
                let value = text(value)?;
                patterns.iter().any(|pattern| pattern.matches(value, *case))
            }
            Self::Networks(networks) => {
                let value = address(value)?;
                networks.iter().any(|network| network.contains(value))
            }
        })
    }
}

const NO_NETWORK: Fault = Fault::Failed("a text is neither an address nor a network");

/// A value as text.
pub(super) fn text(value: Val<'_>) -> Result<&str, Fault> {
    match value {
        Val::Text(text) => Ok(text),
        Val::Unset => Err(Fault::Unset(None)),
        _ => Err(Fault::UNEXPECTED_KIND),
    }
}

/// A value as an address. Only in functions that are interpreted can it be a text.
fn address(value: Val<'_>) -> Result<IpAddr, Fault> {
    match value {
        Val::Ip(address) => Ok(address),
        other => network::address(text(other)?).ok_or(Fault::Failed("a text is no IP address")),
    }
}
