//! Instants, durations, zones and the clock port.

mod manual;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use manual::ManualClock;

/// An instant: milliseconds since 1970-01-01T00:00:00Z, always UTC.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// Why a text is not a time, a duration or a zone.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is not {form}")]
pub struct TimeError {
    text: String,
    form: &'static str,
}

impl TimeError {
    fn new(text: &str, form: &'static str) -> Self {
        Self {
            text: text.chars().take(80).collect(),
            form,
        }
    }
}

impl Timestamp {
    /// The instant `ms` milliseconds after the Unix epoch.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_ms(self) -> i64 {
        self.0
    }

    /// This instant moved forward, held at the end of time rather than overflowing.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }

    /// This instant moved back, held at the beginning of time rather than overflowing.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }

    /// How long after `earlier` this instant is; zero where it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    fn as_jiff(self) -> jiff::Timestamp {
        let limits = jiff::Timestamp::MIN.as_millisecond()..=jiff::Timestamp::MAX.as_millisecond();
        let ms = self.0.clamp(*limits.start(), *limits.end());
        jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

/// Milliseconds of a duration, held at the largest `i64`.
fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, with milliseconds where there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.as_jiff().to_string())
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        text.parse::<jiff::Timestamp>()
            .map(|at| Self(at.as_millisecond()))
            .map_err(|_| TimeError::new(text, "an RFC 3339 time such as 2026-11-22T08:30:00Z"))
    }
}

/// Units of a written duration, largest first, in milliseconds.
const UNITS_MS: [(&str, u64); 6] = [
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Reads a duration: a whole number and one of `ms`, `s`, `m`, `h`, `d`, `w`; at most ten years.
///
/// # Errors
/// When the text has another form, or the duration is longer than ten years.
pub fn parse_duration(text: &str) -> Result<Duration, TimeError> {
    const LONGEST_MS: u64 = 3_660 * 86_400_000;
    let refuse = || {
        TimeError::new(
            text,
            "a duration such as 30s, 10m, 24h or 14d (at most 10 years)",
        )
    };
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (count, unit) = text.split_at_checked(digits).ok_or_else(refuse)?;
    let count: u64 = count.parse().map_err(|_| refuse())?;
    let (_, unit_ms) = UNITS_MS
        .iter()
        .find(|(name, _)| *name == unit)
        .ok_or_else(refuse)?;
    let ms = count
        .checked_mul(*unit_ms)
        .filter(|ms| *ms <= LONGEST_MS)
        .ok_or_else(refuse)?;
    Ok(Duration::from_millis(ms))
}

/// Writes a duration in the largest unit that divides it, as [`parse_duration`] reads it.
pub fn format_duration(duration: Duration) -> String {
    let ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let fits = |unit_ms: u64| ms > 0 && ms.is_multiple_of(unit_ms);
    UNITS_MS
        .iter()
        // Weeks are read but not written: `14d` is how retention periods are spoken of.
        .skip(1)
        .find(|(_, unit_ms)| fits(*unit_ms))
        .map_or_else(
            || "0s".to_owned(),
            |(unit, unit_ms)| format!("{}{unit}", ms / unit_ms),
        )
}

/// A time zone of the bundled IANA database, known by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// The zone's IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The calendar date that a clock in this zone shows at an instant.
    pub fn date(&self, at: Timestamp) -> Date {
        at.as_jiff().to_zoned(self.0.clone()).date()
    }

    /// The first instant of a date in this zone.
    pub fn start_of(&self, date: Date) -> Timestamp {
        let start = date
            .to_zoned(self.0.clone())
            .and_then(|day| day.start_of_day());
        start.map_or(Timestamp(0), |day| {
            Timestamp(day.timestamp().as_millisecond())
        })
    }

    /// The first instant after `at` at which a clock in this zone shows another date.
    ///
    /// That is midnight, where there is one: clocks have been set forward over it, set back across
    /// it, and moved to the other side of the date line.
    pub fn next_date_from(&self, at: Timestamp) -> Timestamp {
        let date = self.date(at);
        let midnight = date.tomorrow().ok().and_then(|next| {
            let local = self.0.to_ambiguous_timestamp(next.at(0, 0, 0, 0));
            let (earlier, later) = (local.earlier().ok()?, local.later().ok()?);
            let mut both = [earlier, later]
                .map(|at| Timestamp(at.as_millisecond()))
                .into_iter();
            both.find(|midnight| *midnight > at && self.date(*midnight) != date)
        });
        let shift = self.0.following(at.as_jiff()).next();
        let shift = shift.map(|shift| Timestamp(shift.timestamp().as_millisecond()));
        let shift = shift.filter(|shift| *shift > at && self.date(*shift) != date);
        let first = midnight.into_iter().chain(shift).min();
        first.unwrap_or(Timestamp(i64::MAX))
    }

    /// Hour (0 to 23), minute and ISO weekday (Monday is 1) that a clock in this zone shows.
    pub fn wall_clock(&self, at: Timestamp) -> (i64, i64, i64) {
        let local = at.as_jiff().to_zoned(self.0.clone());
        let weekday = local.weekday().to_monday_one_offset();
        (
            i64::from(local.hour()),
            i64::from(local.minute()),
            i64::from(weekday),
        )
    }
}

impl FromStr for Zone {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        jiff::tz::db()
            .get(text)
            .map(Self)
            .map_err(|_| TimeError::new(text, "a time zone such as UTC or Asia/Singapore"))
    }
}

/// Where the engine learns what time it is.
pub trait Clock: Send + Sync {
    /// The present instant. It may step backwards; nothing in the engine relies on it not doing so.
    fn now(&self) -> Timestamp;
}

/// The operating system's clock, for programs that do not bring their own.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_millisecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_round_trip() {
        for text in ["30s", "10m", "24h", "14d", "250ms"] {
            assert_eq!(format_duration(parse_duration(text).unwrap()), {
                if text == "24h" { "1d" } else { text }
            });
        }
        for bad in ["", "10", "m", "10 m", "-5s", "1y", "99999999999w", "1.5h"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn instants_print_as_rfc_3339() {
        let at: Timestamp = "2026-11-22T08:30:00+08:00".parse().unwrap();
        assert_eq!(at.to_string(), "2026-11-22T00:30:00Z");
        assert!("yesterday".parse::<Timestamp>().is_err());
    }

    #[test]
    fn the_end_of_time_is_not_overflowed() {
        let end = Timestamp::from_ms(i64::MAX);
        assert_eq!(end.after(Duration::from_secs(1)), end);
        assert!(!end.to_string().is_empty());
    }

    /// Set forward over midnight, set back across it, and a date that was left out.
    #[test]
    fn the_next_date_is_found_where_midnight_is_no_ordinary_instant() {
        for (zone, at, next) in [
            ("UTC", "2026-11-22T08:30:00Z", "2026-11-23T00:00:00Z"),
            ("UTC", "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z"),
            (
                "America/New_York",
                "2026-11-01T12:00:00Z",
                "2026-11-02T05:00:00Z",
            ),
            (
                "Africa/Cairo",
                "2024-04-25T12:00:00Z",
                "2024-04-25T22:00:00Z",
            ),
            (
                "America/St_Johns",
                "2010-11-07T01:30:00Z",
                "2010-11-07T02:30:00Z",
            ),
            (
                "America/St_Johns",
                "2010-11-07T02:30:30Z",
                "2010-11-07T02:31:00Z",
            ),
            (
                "America/St_Johns",
                "2010-11-07T02:31:00Z",
                "2010-11-07T03:30:00Z",
            ),
            (
                "Pacific/Apia",
                "2011-12-30T00:00:00Z",
                "2011-12-30T10:00:00Z",
            ),
        ] {
            let zone: Zone = zone.parse().unwrap();
            let at: Timestamp = at.parse().unwrap();
            assert_eq!(
                zone.next_date_from(at).to_string(),
                next,
                "{} {at}",
                zone.name()
            );
        }
        assert!(Zone::UTC.next_date_from(Timestamp(i64::MAX)) >= Timestamp(i64::MAX));
    }

    #[test]
    fn a_date_starts_at_local_midnight() {
        let zone: Zone = "Asia/Singapore".parse().unwrap();
        let at: Timestamp = "2026-03-01T17:00:00Z".parse().unwrap();
        assert_eq!(zone.date(at).to_string(), "2026-03-02");
        assert_eq!(
            zone.start_of(zone.date(at)).to_string(),
            "2026-03-01T16:00:00Z"
        );
        assert_eq!(zone.wall_clock(at), (1, 0, 1));
    }
}
