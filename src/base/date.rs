//! Dates as editors write them: an instant with the offset it was written in and how precise it is.
//!
//! An address uses the date as written (its own offset); everywhere else the platform's time zone rules (D3).
//! A year alone stays a year.

use std::str::FromStr;

use jiff::civil;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ZonedDateTime};
use serde::{Deserialize, Serialize};

use super::fingerprint::Writer;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Precision {
    Year,
    Month,
    Day,
    Minute,
    Second,
}

/// Ordered by instant; equal instants by precision and offset, so that the order is total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Date {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    pub precision: Precision,
    /// Seconds east of UTC, as written, else of the platform's time zone at that time.
    pub offset: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateError {
    /// It looks like no date at all.
    Form,
    /// It looks like one, but there is no such day or hour: 2026-02-30.
    NoSuchDay,
}

impl Date {
    /// Its part of a fingerprint.
    pub fn write<'w>(&self, w: &'w mut Writer) -> &'w mut Writer {
        w.signed(self.seconds).byte(self.precision as u8).signed(self.offset.into())
    }

    /// A moment known to the minute, shown in the platform's zone.
    pub fn moment(seconds: i64) -> Date {
        Date { seconds, precision: Precision::Minute, offset: 0 }
    }

    /// Reads `2026`, `2026-11`, `2026-11-23`, `2026-11-23 09:30[:00]`, with `T` or a space, and an offset
    /// `Z`, `+08:00`, `+0800` or ` +0800`; slashes and dots instead of hyphens; `2026年11月23日`.
    pub fn parse(text: &str, zone: &TimeZone) -> Result<Date, DateError> {
        let text = text.trim();
        let mut numbers: [i32; 6] = [0; 6];
        let mut count = 0;
        let mut at = 0;
        let bytes = text.as_bytes();
        // The date and time part: up to six numbers with fixed separators between them.
        while count < 6 {
            let start = at;
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                at += 1;
            }
            let width = at - start;
            if width == 0 || (count == 0 && width != 4) || (count > 0 && width > 2) {
                return Err(DateError::Form);
            }
            numbers[count] = text[start..at].parse().map_err(|_| DateError::Form)?;
            count += 1;
            let rest = &text[at..];
            let next = match count {
                1 => ["-", "/", ".", "年"].iter().find(|s| rest.starts_with(**s)).map(|s| s.len()),
                2 => ["-", "/", ".", "月"].iter().find(|s| rest.starts_with(**s)).map(|s| s.len()),
                3 => {
                    let day = if rest.starts_with('日') { "日".len() } else { 0 };
                    let after = rest[day..].trim_start_matches([' ', 'T', 't']);
                    if after.starts_with(|c: char| c.is_ascii_digit()) {
                        Some(rest.len() - after.len())
                    } else {
                        at += day;
                        None
                    }
                }
                _ => rest.starts_with(':').then_some(1),
            };
            match next {
                Some(n) if at + n < bytes.len() => at += n,
                // `2026年` and `2026年3月` end with their unit.
                Some(n) if count < 3 && n > 1 => {
                    at += n;
                    break;
                }
                Some(_) => return Err(DateError::Form),
                None => break,
            }
        }
        if count == 4 {
            return Err(DateError::Form);
        }
        let mut rest = text[at..].trim();
        if count == 6 && rest.starts_with('.') {
            rest = rest[1..].trim_start_matches(|c: char| c.is_ascii_digit());
        }
        let written = match rest {
            "" => None,
            "Z" | "z" => Some(0),
            _ => Some(offset(rest).ok_or(DateError::Form)?),
        };
        if written.is_some() && count < 5 {
            return Err(DateError::Form);
        }
        let [year, month, day, hour, minute, second] = numbers;
        let date = civil::Date::new(year as i16, if count > 1 { month as i8 } else { 1 }, if count > 2 { day as i8 } else { 1 })
            .map_err(|_| DateError::NoSuchDay)?;
        let time = civil::Time::new(hour as i8, minute as i8, second as i8, 0).map_err(|_| DateError::NoSuchDay)?;
        let local = date.to_datetime(time);
        let (seconds, offset) = match written {
            Some(offset) => {
                let zone = Offset::from_seconds(offset).map_err(|_| DateError::Form)?;
                (zone.to_timestamp(local).map_err(|_| DateError::NoSuchDay)?.as_second(), offset)
            }
            None => {
                let at = zone.to_ambiguous_zoned_datetime(local).compatible().map_err(|_| DateError::NoSuchDay)?;
                (at.timestamp().as_second(), at.offset().seconds())
            }
        };
        let precision = match count {
            1 => Precision::Year,
            2 => Precision::Month,
            3 => Precision::Day,
            5 => Precision::Minute,
            _ => Precision::Second,
        };
        Ok(Date { seconds, precision, offset })
    }

    /// The moment in the offset it was written in.
    pub fn as_written(&self) -> civil::DateTime {
        let offset = Offset::from_seconds(self.offset).unwrap_or(Offset::UTC);
        offset.to_datetime(timestamp(self.seconds))
    }

    /// The moment in the platform's time zone.
    pub fn in_zone(&self, zone: &TimeZone) -> ZonedDateTime {
        timestamp(self.seconds).to_zoned_datetime(zone.clone())
    }

    pub fn year(&self) -> i16 {
        self.as_written().year()
    }

    /// The moment in the platform's time zone, for the clock on the wall.
    fn local(&self, zone: &TimeZone) -> (civil::DateTime, Offset) {
        let at = timestamp(self.seconds);
        let offset = zone.to_offset(at);
        (offset.to_datetime(at), offset)
    }

    /// As `strftime` has it, in the platform's time zone. The forms that lists write thousands of times are written by
    /// hand.
    pub fn format(&self, format: &str, zone: &TimeZone) -> Result<String, jiff::Error> {
        let parts = match format {
            "%Y" => 1,
            "%Y-%m" => 2,
            "%Y-%m-%d" => 3,
            "%Y-%m-%d %H:%M" => 5,
            _ => 0,
        };
        match stamp(self.local(zone).0, parts, " ") {
            Some(text) => Ok(text),
            None => jiff::fmt::strtime::format(format, &self.in_zone(zone)),
        }
    }

    /// As precise as known: `1954`, `2026-11`, `2026-11-23`, `2026-11-23 09:30`.
    pub fn display(&self, zone: &TimeZone) -> String {
        let format = match self.precision {
            Precision::Year => "%Y",
            Precision::Month => "%Y-%m",
            Precision::Day => "%Y-%m-%d",
            _ => "%Y-%m-%d %H:%M",
        };
        let parts = match self.precision {
            Precision::Year => 1,
            Precision::Month => 2,
            Precision::Day => 3,
            _ => 5,
        };
        let at = if parts == 5 { self.local(zone).0 } else { self.as_written() };
        if let Some(text) = stamp(at, parts, " ") {
            return text;
        }
        // A date without a time is a day, wherever it is read.
        match self.precision {
            Precision::Minute | Precision::Second => self.in_zone(zone).strftime(format).to_string(),
            _ => self.as_written().strftime(format).to_string(),
        }
    }

    /// RFC 3339 in the platform's time zone.
    pub fn rfc3339(&self, zone: &TimeZone) -> String {
        let (at, offset) = self.local(zone);
        let minutes = offset.seconds() / 60;
        if offset.seconds() % 60 == 0
            && let Some(mut text) = stamp(at, 6, "T")
        {
            text.push(if minutes < 0 { '-' } else { '+' });
            two(&mut text, minutes.unsigned_abs() / 60);
            text.push(':');
            two(&mut text, minutes.unsigned_abs() % 60);
            return text;
        }
        self.in_zone(zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

/// The first so many of year, month, day, hour, minute and second. Years of fewer or more than four digits are left to
/// the library.
fn stamp(at: civil::DateTime, parts: usize, between: &str) -> Option<String> {
    if parts == 0 || !(1000..=9999).contains(&at.year()) {
        return None;
    }
    let mut text = String::with_capacity(25);
    two(&mut text, at.year() as u32 / 100);
    two(&mut text, at.year() as u32 % 100);
    let rest = [("-", at.month()), ("-", at.day()), (between, at.hour()), (":", at.minute()), (":", at.second())];
    for (mark, number) in &rest[..parts - 1] {
        text.push_str(mark);
        two(&mut text, *number as u32);
    }
    Some(text)
}

/// Two digits.
fn two(text: &mut String, number: u32) {
    text.push(char::from(b'0' + (number / 10 % 10) as u8));
    text.push(char::from(b'0' + (number % 10) as u8));
}

/// Seconds since the epoch as a timestamp; what lies outside the calendar becomes its nearest end.
pub fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// `now` of a build: RFC 3339, or a date of the forms above in the platform's time zone, which is asked for only then.
pub fn parse_clock(text: &str, zone: impl FnOnce() -> TimeZone) -> Option<i64> {
    if let Ok(t) = Timestamp::from_str(text.trim()) {
        return Some(t.as_second());
    }
    Date::parse(text, &zone()).ok().map(|d| d.seconds)
}

/// `+08:00`, `+0800`, `+08` in seconds.
fn offset(text: &str) -> Option<i32> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = digits.get(2..4).map_or(Some(0), |m| m.parse().ok())?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> TimeZone {
        TimeZone::get("Asia/Shanghai").unwrap()
    }

    fn shown(text: &str) -> String {
        match Date::parse(text, &zone()) {
            Ok(d) => format!("{} / {}", d.display(&zone()), d.rfc3339(&zone())),
            Err(e) => format!("{e:?}"),
        }
    }

    #[test]
    fn every_form_editors_write_is_read() {
        assert_eq!(shown("2026-11-23"), "2026-11-23 / 2026-11-23T00:00:00+08:00");
        assert_eq!(shown("2026-11-23 09:30"), "2026-11-23 09:30 / 2026-11-23T09:30:00+08:00");
        assert_eq!(shown("2026-11-23 09:30:15 +0800"), "2026-11-23 09:30 / 2026-11-23T09:30:15+08:00");
        assert_eq!(shown("2026-11-23T01:30:00Z"), "2026-11-23 09:30 / 2026-11-23T09:30:00+08:00");
        assert_eq!(shown("2026-11-23T01:30:00.250Z"), "2026-11-23 09:30 / 2026-11-23T09:30:00+08:00");
        assert_eq!(shown("2026年3月5日"), "2026-03-05 / 2026-03-05T00:00:00+08:00");
        assert_eq!(shown("2026年3月5日 8:05"), "2026-03-05 08:05 / 2026-03-05T08:05:00+08:00");
        assert_eq!(shown("2026/3/5"), "2026-03-05 / 2026-03-05T00:00:00+08:00");
        assert_eq!(shown("1954"), "1954 / 1954-01-01T00:00:00+08:00");
        assert_eq!(shown("1954年"), "1954 / 1954-01-01T00:00:00+08:00");
        assert_eq!(shown("2026-03"), "2026-03 / 2026-03-01T00:00:00+08:00");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        assert_eq!(shown("2026-02-30"), "NoSuchDay");
        assert_eq!(shown("2026-11-23 25:00"), "NoSuchDay");
        for bad in ["", "昨天", "26-1-1", "2026-", "2026-1-1 9", "2026-01-01 09:30 +8", "2026-01-01x"] {
            assert_eq!(shown(bad), "Form", "{bad}");
        }
    }

    #[test]
    fn dates_by_hand_are_those_of_the_library() {
        let forms = ["%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%d %H:%M", "%d.%m.%Y"];
        for zone in ["Asia/Shanghai", "America/St_Johns", "Africa/Monrovia", "UTC"] {
            let zone = TimeZone::get(zone).unwrap();
            for seconds in [0, 1_764_000_000, -2_208_988_800, -40_000_000_000, -70_000_000_000, 250_000_000_000, i64::MAX] {
                let date = Date { seconds, precision: Precision::Second, offset: 3600 };
                for form in forms {
                    assert_eq!(date.format(form, &zone).unwrap(), date.in_zone(&zone).strftime(form).to_string());
                }
                assert_eq!(date.display(&zone), date.in_zone(&zone).strftime("%Y-%m-%d %H:%M").to_string());
                assert_eq!(date.rfc3339(&zone), date.in_zone(&zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string());
                let day = Date { precision: Precision::Day, ..date };
                assert_eq!(day.display(&zone), day.as_written().strftime("%Y-%m-%d").to_string());
            }
        }
    }

    #[test]
    fn an_address_takes_the_date_as_written() {
        let d = Date::parse("2026-01-01 00:30 +0900", &zone()).unwrap();
        assert_eq!(d.year(), 2026);
        assert_eq!(d.display(&zone()), "2025-12-31 23:30");
    }
}
