//! The `stateward` command line, as a library so that tests start it the way users do.
