//! Times as people say them: relative to now.

use std::time::Duration;

use stateward::time::Timestamp;

/// `in 10 min`, `3 h 12 min ago`, of an RFC 3339 text; the text itself if it is none.
pub fn relative(at: &str, now: Timestamp) -> String {
    match at.parse::<Timestamp>() {
        Ok(at) if at > now => format!("in {}", length(at.since(now))),
        Ok(at) if at == now => "now".to_owned(),
        Ok(at) => format!("{} ago", length(now.since(at))),
        Err(_) => at.to_owned(),
    }
}

/// How long something took, from microseconds.
pub fn time(micros: f64) -> String {
    match micros {
        few if few < 10.0 => format!("{few:.1} µs"),
        some if some < 1_000.0 => format!("{some:.0} µs"),
        many if many < 1_000_000.0 => format!("{:.1} ms", many / 1_000.0),
        many => format!("{:.1} s", many / 1_000_000.0),
    }
}

/// Units of time, largest first, in seconds.
const UNITS_S: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];

/// A length of time in its two largest units, to the minute if it is more than two.
fn length(duration: Duration) -> String {
    let mut left = duration.as_secs();
    if left > 120 {
        left = (left + 30) / 60 * 60;
    }
    let mut words = Vec::new();
    for (unit, seconds) in UNITS_S {
        let many = left / seconds;
        left %= seconds;
        if many > 0 {
            words.push(format!("{many} {unit}"));
        } else if !words.is_empty() {
            break;
        }
    }
    words.truncate(2);
    if words.is_empty() {
        "less than 1 s".to_owned()
    } else {
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_in_two_units() {
        let now: Timestamp = "2026-11-22T08:00:00Z".parse().unwrap();
        for (at, said) in [
            ("2026-11-22T08:10:00Z", "in 10 min"),
            ("2026-11-22T11:12:29Z", "in 3 h 12 min"),
            ("2026-11-22T08:09:59Z", "in 10 min"),
            ("2026-11-22T08:01:30Z", "in 1 min 30 s"),
            ("2026-11-21T08:00:00Z", "1 d ago"),
            ("2026-11-21T07:59:59Z", "1 d ago"),
            ("2026-11-22T08:00:00Z", "now"),
            ("soon", "soon"),
        ] {
            assert_eq!(relative(at, now), said, "{at}");
        }
    }
}
