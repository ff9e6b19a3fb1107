//! The codes of what can be wrong with properties, and of what properties find.

use crate::diagnostic::codes;

codes! {
    SYNTAX = "P0421", "a file of properties cannot be read";
    FORBIDDEN_CONSTRUCT = "P0422", "something is written that properties do not have";
    SCRIPT_FAILED = "P0423", "a file of properties stops with an error";
    NAME_TAKEN = "P0424", "two properties have the same name";
    BROKEN = "P0425", "a property does not hold";
    NO_ANSWER = "P0426", "a property has no answer for a request";
    NEVER_TRIED = "P0427", "a property is about requests that are never made";
    BAD_REGRESSION = "P0428", "a line of the regressions cannot be read";
}
