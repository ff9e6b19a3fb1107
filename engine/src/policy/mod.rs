//! Policies: who may ask for what.
//!
//! One script is one [`Policy`]. It runs once, when it is loaded, and leaves statements; a
//! [`PolicySet`] finds those that cover a request and [rules](PolicySet::rule) on it by the rules
//! of RAM: an explicit deny wins over an allow, and what nothing allows is denied.
//!
//! ```rhai
//! //! What this policy is for.
//! let folder = "rd-3G/r-Wm/fd-A";
//! allow ["resourcemanager:Get*", "resourcemanager:List*"];
//! allow "resourcemanager:*Account*" on `acs:resourcemanager:*:*:account/${folder}/*`
//!     when context.mfa ?? false;
//! deny all except "ram:BindMFADevice" unless context.mfa ?? false
//!     because "sign in with a second factor";
//! ```

mod attaching;
mod attachments;
pub mod cedar;
pub mod codes;
pub mod document;
mod evaluate;
mod format;
#[cfg(any(test, feature = "testing"))]
pub mod fuzz;
mod hash;
mod hidden;
mod index;
mod pattern;
mod principal;
mod principals;
pub mod reference;
mod requested;
mod ruling;
mod script;
mod set;
mod statement;
mod table;

pub use attachments::{
    Attached, Attachments, ControlPolicies, Level, ResourceGroup, ResourcePolicies, Standing,
};
pub use evaluate::Judge;
pub use format::Formatter;
pub use pattern::{Pattern, PatternError};
pub use principal::{Principal, PrincipalName, PrincipalNameError};
pub use principals::{Group, Kinds, Listed, Principals, UnknownPrincipal};
pub use requested::canonical_resource;
pub use ruling::{DecidedBy, Effect, Query, Ruling, RulingError, Stage};
pub use set::{Policy, PolicySet};
pub use statement::{Actions, Statement, StatementId, Verb};

#[cfg(test)]
mod tests;
