//! Fuzzes `acceptance::fuzz::pattern_match`; the test command replays the corpus through the same function.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| acceptance::fuzz::pattern_match(data));
