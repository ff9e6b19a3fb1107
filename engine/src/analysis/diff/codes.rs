//! The codes of what can change between two definitions, one for each kind of change.

use crate::diagnostic::codes;

codes! {
    REMOVED = "A2001", "a transition is no longer there";
    ADDED = "A2002", "a transition is new";
    STATES = "A2003", "a transition leaves from other states, or leads to another";
    TRIGGER = "A2004", "a transition is fired by something else";
    GUARDS = "A2005", "a transition is made under other conditions";
    STEPS = "A2006", "a transition demands other proofs";
    EFFECTS = "A2007", "a transition takes or sets other values";
    NOTICES = "A2008", "a transition tells somebody else, or something else";
    RESTORE = "A2009", "what a transition makes owed has changed";
    WAITS = "A2010", "a transition waits longer or shorter";
    PROOF = "A2011", "a verification is proved in another way";
    CODES = "A2012", "the rules of one-time codes have changed";
    CALLER = "A2013", "a caller rule admits others";
    LIMIT = "A2014", "a quota or a throttle has changed";
    ATTRIBUTE = "A2015", "an attribute is declared otherwise";
    STATE = "A2016", "a workflow or a state has changed";
    SHARED = "A2017", "what all transitions share has changed";
    GAINED = "A2018", "somebody can do what they could not";
    LOST = "A2019", "somebody can no longer do what they could";
}
