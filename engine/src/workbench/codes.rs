//! The codes of what can be wrong with the cases of policies.

use crate::diagnostic::codes;

codes! {
    QUESTION = "P0401", "a case does not ask one clear question";
    UNKNOWN_PRINCIPAL = "P0402", "a case names a principal that does not exist";
    UNKNOWN_NAME = "P0403", "a case uses a name that means nothing there";
    BAD_VALUE = "P0404", "a value of a case is not of its type";
    OPEN = "P0405", "a case leaves open what its answer depends on";
    BAD_DECIDER = "P0406", "a case expects something to decide that cannot";
    NAME_TAKEN = "P0407", "two cases of a file have one name";
    FAILED = "P0408", "a case fails: policies answer otherwise than it expects";
    TOO_MANY = "P0409", "a case stands for more requests than it may";
    PENDING_REVIEW = "P0411", "decisions are not what the snapshot says";
}
