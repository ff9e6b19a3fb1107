//! The codes of what keeps a policy document from being imported.

use crate::diagnostic::codes;

codes! {
    SYNTAX = "P0301", "a policy document is not JSON";
    NOT_STRICT = "P0302", "a policy document has comments or trailing commas";
    DUPLICATE = "P0303", "a name is written twice in one object of a policy document";
    BOUND_EXCEEDED = "P0304", "a policy document is larger or deeper than it may be";
    VERSION = "P0305", "a policy document's version is missing or unknown";
    UNKNOWN_ELEMENT = "P0306", "a policy document has an element that its language does not have";
    MISSING_ELEMENT = "P0307", "a policy document lacks an element";
    WRONG_FORM = "P0308", "an element of a policy document has the wrong form";
    BOTH = "P0309", "a statement has an element and its opposite";
    INEXPRESSIBLE = "P0310", "an element of a policy document cannot be imported";
    UNKNOWN_OPERATOR = "P0311", "a condition operator is unknown";
    UNSUPPORTED_OPERATOR = "P0312", "a condition operator is not supported";
    UNDECLARED_KEY = "P0313", "a condition key is not declared";
    WRONG_OPERATOR = "P0314", "a condition operator does not fit the type of its key";
    BAD_VALUE = "P0315", "a condition's value is not what its operator or key takes";
    VARIABLE = "P0316", "a policy document uses a policy variable";
    BAD_PRINCIPAL = "P0317", "a principal of a policy document cannot be imported";
    TOO_LONG = "P0318", "a policy document is longer than its kind may be";
}
