//! The codes of what can be wrong with a lifecycle, beyond the form of its files.

use crate::diagnostic::codes;

codes! {
    FILE_NAME = "W0111", "a file and what it declares have different names";
    MISSING_FILE = "W0112", "a file is missing";
    UNKNOWN_TYPE = "W0113", "a type is unknown";
    BAD_DEFAULT = "W0114", "a default is not a value of its type";
    CONTRADICTION = "W0115", "an attribute is declared in a way that contradicts itself";
    UNKNOWN_ZONE = "W0116", "a time zone is unknown";
    UNKNOWN_KIND = "W0117", "a kind of principal is unknown";
    NO_METHOD = "W0118", "a verification has no method, or several";
    KEY_NOT_HERE = "W0119", "a key does not go with the others";
    CODE_RULE = "W0120", "a rule of one-time codes is out of range";
    LIMIT_RANGE = "W0121", "a limit or a length of time is out of range";
    UNKNOWN_QUOTA = "W0122", "a quota is unknown";
    UNKNOWN_THROTTLE = "W0123", "a throttle is unknown";
    UNKNOWN_CALLER = "W0124", "a caller is unknown";
    UNKNOWN_VERIFICATION = "W0125", "a verification is unknown";
    UNKNOWN_MESSAGE = "W0126", "a message is unknown";
    UNKNOWN_ATTRIBUTE = "W0127", "an attribute is unknown";
    UNKNOWN_STATE = "W0128", "a state is unknown";
    UNKNOWN_TRANSITION = "W0129", "a workflow or a transition is unknown";
    TRIGGER = "W0130", "a transition has no trigger, or several";
    NO_RESOURCE = "W0131", "a permission is asked over no resource";
    BAD_PERMISSION = "W0132", "a permission is malformed";
    INPUT_TYPES = "W0133", "inputs of one name have different types";
    SET_IMMUTABLE = "W0134", "a transition sets an attribute that never changes";
    TRIGGER_CYCLE = "W0135", "transitions trigger each other in a circle";
    RESTORE = "W0136", "a restoring transition cannot undo what it is owed for";
    EMPTY_LIST = "W0137", "a list is empty";
    INPUT_NOT_DECLARED = "W0138",
        "something shared reads an input that the transition does not declare";
    LISTED_TWICE = "W0139", "something is listed twice";
    UNKNOWN_PARAMETER = "W0141", "a parameter is unknown";
    KEY_TAKEN = "W0140", "a condition key names two things";
    UNUSED = "W0201", "something is declared and never used";
    UNUSED_ATTRIBUTE = "W0202", "an attribute is neither read nor set";
    UNREACHABLE_STATE = "W0203", "no transition leads to a state";
    DEAD_END = "W0204", "no transition leads out of a state that is not final";
    FINAL_LEFT = "W0205", "a transition leads out of a final state";
    SHORT_WITHIN = "W0206", "an attempt ends before its code does";
    CODE_WITHOUT_QUOTA = "W0207", "codes are sent without any quota";
    UNMAPPED_STATE = "A0071", "a state has no place in the edition that accounts move to";
    UNREACHABLE_TARGET = "A0072", "a migration leads to a state that nothing else leads to";
    OTHER_EDITION = "A0073", "a migration begins at another edition than there is";
    UNUSED_INPUT = "W0208", "an input is never read";
}
