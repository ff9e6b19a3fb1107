//! The codes of what can be wrong with policies and principals.

use crate::diagnostic::codes;

codes! {
    SYNTAX = "P0101", "a policy cannot be read";
    FORBIDDEN_CONSTRUCT = "P0102", "something is written that policies do not have";
    UNKNOWN_NAME = "P0103", "a script uses a name that does not exist there";
    UNKNOWN_FUNCTION = "P0104", "a script calls a function that does not exist";
    BAD_ACTION = "P0105", "an action pattern is malformed";
    BAD_RESOURCE = "P0106", "a resource pattern is malformed";
    WRONG_CLAUSE = "P0107", "a clause of a statement is not what it must be";
    NO_STATEMENTS = "P0108", "a policy has no statements";
    NO_EFFECT = "P0109", "an expression stands alone and has no effect";
    BOUND_EXCEEDED = "P0110", "a policy is larger, deeper or longer at work than it may be";
    NAME_TAKEN = "P0111", "a name is declared that already means something";
    SCRIPT_FAILED = "P0112", "a script stops with an error";
    UNMATCHABLE = "P0113", "a resource pattern covers no resource at all";
    BAD_POLICY_NAME = "P0114", "a policy's file name is no policy name, or is taken";
    HIDDEN_CHARACTER = "P0115", "a policy holds a character that cannot be seen";
    UNKNOWN_POLICY = "P0201", "a policy is attached that does not exist";
    UNKNOWN_GROUP = "P0202", "a principal is in a group that does not exist";
    BAD_PRINCIPAL = "P0203", "a principal's name is malformed";
    UNKNOWN_KIND = "P0204", "a principal is of a kind that the lifecycle does not have";
    BAD_ACCOUNT = "P0205", "a principal's account is no account id";
    OWNER_LISTED = "P0206", "an account's owner is listed, which exists by itself";
    UNKNOWN_RESOURCE_GROUP = "P0207", "policies are granted in a resource group that does not exist";
    BAD_CONTROL_FACT = "P0208", "control policies look for an account where nothing says it";
    NO_CONTROL_POLICY = "P0209", "a node of the directory is left without a control policy";
    TOO_MANY_CONTROL_POLICIES = "P0210", "a node of the directory has more control policies than it may";
    BAD_NODE = "P0211", "a control policy is attached outside the directory";
    NOT_IN_CEDAR = "P0321", "Cedar cannot express a condition";
    PATTERN_NOT_IN_CEDAR = "P0322", "Cedar cannot express a pattern";
    TOO_LARGE_FOR_CEDAR = "P0323", "a condition or a list is larger than what is exported to Cedar";
}
