//! The codes of what can be wrong with a scenario, and of what goes otherwise than it says.

use crate::diagnostic::codes;

codes! {
    STEP = "W0211", "a step of a scenario does not say one thing to do";
    UNKNOWN_NAME = "W0212", "a scenario uses a name that means nothing there";
    BAD_VALUE = "W0213", "a value of a scenario is not of its type";
    UNKNOWN_PRINCIPAL = "W0214", "a scenario names a principal that does not exist";
    LACKING = "W0215", "an account of a scenario lacks what every account has";
    FAILED = "A0081", "a scenario goes otherwise than it says";
    STUCK = "A0082", "a scenario cannot be played any further";
}
