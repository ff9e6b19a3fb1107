//! Fuzzes `acceptance::fuzz::policy_format`; the test command replays the corpus through the same function.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| acceptance::fuzz::policy_format(data));
