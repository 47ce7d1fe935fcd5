//! Spans of time as configuration writes them.

/// `0m`, `45s`, `5m`, `1h30m`: what a configuration would say for so many seconds.
pub fn written(seconds: i64) -> String {
    let units = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
    let mut left = seconds.max(0);
    let mut text = String::new();
    for (unit, length) in units {
        if left >= length {
            text.push_str(&format!("{}{unit}", left / length));
            left %= length;
        }
    }
    if text.is_empty() { "0m".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn spans_are_written_as_configuration_reads_them() {
        for (seconds, text) in [(0, "0m"), (45, "45s"), (300, "5m"), (5400, "1h30m"), (90_061, "1d1h1m1s"), (-3, "0m")] {
            assert_eq!(written(seconds), text);
        }
    }
}
