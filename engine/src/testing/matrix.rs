//! Every decision as a table, for a snapshot.

use crate::account::Account;
use crate::bundle::Bundle;
use crate::workbench::tabulate::{self, Scene};

/// What the policies of a bundle say to each principal about each permission on each of these
/// accounts, which have names of their own: the text of the decision matrix.
///
/// The table lists what is allowed, denied explicitly, or open (it depends on the session, the inputs
/// or the time). What it does not list is denied, because nothing allows it.
pub fn decision_matrix<'a>(
    bundle: &Bundle,
    accounts: impl IntoIterator<Item = (&'a str, Account)>,
) -> String {
    let scene = |(name, account): (&str, Account)| Scene {
        name: name.to_owned(),
        account,
    };
    let scenes: Vec<Scene> = accounts.into_iter().map(scene).collect();
    tabulate::matrix(bundle, &scenes).text()
}
