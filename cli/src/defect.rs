//! Defects of the program: a panic is caught, and becomes an error that asks to be reported.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};

use crate::error::CliError;

thread_local! {
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Does some work; a panic in it is an error.
///
/// # Errors
/// Those of the work, and [`CliError::Bug`].
pub fn guard<T>(work: impl FnOnce() -> Result<T, CliError>) -> Result<T, CliError> {
    // Panics that are caught further in (number parsing is) must not be printed either.
    set_hook(Box::new(|info| {
        LAST.with(|last| *last.borrow_mut() = Some(describe(info)))
    }));
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let what = LAST.with(RefCell::take);
        Err(CliError::Bug(what.unwrap_or_else(|| {
            "it stopped without a reason".to_owned()
        })))
    })
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    format!("{} ({place})", text.unwrap_or("no message"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[test]
    fn a_panic_is_an_error_that_asks_to_be_reported() {
        let error = guard::<()>(|| panic!("the impossible happened")).unwrap_err();
        assert_eq!(error.exit(), Exit::Bug);
        assert!(
            error
                .to_string()
                .contains("the impossible happened (cli/src/defect.rs")
        );
        assert!(error.hints().iter().any(|hint| hint.contains("report")));
    }
}
