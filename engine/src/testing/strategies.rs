//! Strategies for whoever asks, and for what is asked.

use proptest::strategy::Strategy;

use crate::bundle::Bundle;
use crate::policy::Principal;
use crate::workbench::properties::{Request, Requests, Who};

/// Requests by those whom a bundle knows: listed principals, owners of accounts, and strangers.
///
/// Most are such as policies have something to say about: actions, resources, times and facts are
/// drawn from what policies and their conditions name, and from what lies just beside it.
pub fn requests(bundle: &Bundle) -> Requests {
    Requests::of(bundle, Who::Known)
}

/// Requests by anybody: also by principals that have any of the policies, in any combination.
pub fn requests_of_anybody(bundle: &Bundle) -> Requests {
    Requests::of(bundle, Who::Anybody)
}

/// Principals: those whom a bundle knows, owners, strangers, and such as have any of the policies.
pub fn principals(bundle: &Bundle) -> impl Strategy<Value = Principal> + use<> {
    requests_of_anybody(bundle).prop_map(|request: Request| request.principal)
}
