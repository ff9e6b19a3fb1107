//! The codes of what can be wrong with a file of properties, and of what properties find.

use crate::diagnostic::codes;

codes! {
    NAME_TAKEN = "W0231", "two properties have one name";
    NO_CLAIM = "W0232", "a property does not make one clear claim";
    UNKNOWN_NAME = "W0233", "a property uses a name that means nothing there";
    BAD_VALUE = "W0234", "what a property takes as given is not a value of its type";
    NO_PROOF = "W0235", "a property asks for a proof that nothing gives";
    BROKEN = "A0051", "a property does not hold";
    DOUBTFUL = "A0052", "a property may not hold";
    UNDECIDED = "A0053", "a property is not decided within the bounds";
    IDLE = "A0054", "a property is about nothing that ever happens";
}
