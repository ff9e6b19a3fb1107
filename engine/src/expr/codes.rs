//! The codes of what can be wrong with an expression.

use crate::diagnostic::codes;

codes! {
    SYNTAX = "W0301", "the expression cannot be read";
    UNKNOWN_NAME = "W0302", "an expression uses a name that does not exist";
    UNKNOWN_FUNCTION = "W0303", "an expression calls a function that does not exist";
    TYPE_MISMATCH = "W0304", "types do not fit together";
    UNGUARDED_OPTIONAL = "W0305", "a name that can be unset is read without a guard";
    IMPOSSIBLE_WORD = "W0306", "a text is none of the values that are possible here";
    NOT_READABLE_HERE = "W0307", "a name cannot be read in this place";
    FORBIDDEN_CONSTRUCT = "W0308", "something is written that expressions do not have";
    RECURSIVE_FUNCTION = "W0309", "a function calls itself";
    BOUND_EXCEEDED = "W0310", "an expression is larger than it may be";
    UNSAFE_HOST = "W0311", "the expression language was built without its safety checks";
    ALWAYS_FAILS = "W0312", "an expression fails whatever the facts are";
    NOT_READ = "W0313", "a text is not of the form that its function reads";
}
