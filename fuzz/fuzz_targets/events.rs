#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| hansho_fuzz::events::check(input));
