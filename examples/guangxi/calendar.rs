//! Days and times of day.

/// The last day on which anything happens here: all items are live at a clock after it.
pub const LAST: Day = Day { year: 2026, month: 11, day: 20 };
pub const FIRST_YEAR: u16 = 2015;
pub const LAST_YEAR: u16 = LAST.year;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

fn leap(year: u16) -> bool {
    (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400)
}

fn length(year: u16, month: u8) -> u8 {
    match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of a year on which something is published.
pub fn days(year: u16) -> u32 {
    match (year == LAST_YEAR, leap(year)) {
        (true, _) => LAST.ordinal() + 1,
        (_, true) => 366,
        _ => 365,
    }
}

impl Day {
    /// The day of a year, from 0.
    pub fn of(year: u16, mut ordinal: u32) -> Day {
        let mut month = 1;
        while month < 12 && ordinal >= u32::from(length(year, month)) {
            ordinal -= u32::from(length(year, month));
            month += 1;
        }
        Day { year, month, day: ordinal as u8 + 1 }
    }

    pub fn ordinal(self) -> u32 {
        (1..self.month).map(|m| u32::from(length(self.year, m))).sum::<u32>() + u32::from(self.day) - 1
    }

    /// 0 is Monday.
    fn weekday(self) -> u32 {
        let y = u32::from(self.year) - 1;
        // 0001-01-01 was a Monday.
        (y * 365 + y / 4 - y / 100 + y / 400 + self.ordinal()) % 7
    }

    /// Offices are shut on Saturday and Sunday: the nearest working day of the same year, not after [`LAST`].
    pub fn working(self) -> Day {
        let back = match self.weekday() {
            5 => 1,
            6 => 2,
            _ => return self,
        };
        let at = self.ordinal();
        if at >= back { Day::of(self.year, at - back) } else { Day::of(self.year, at + 3 - back) }
    }

    pub fn plus(self, days: u32) -> Day {
        let at = self.ordinal() + days;
        let year = if leap(self.year) { 366 } else { 365 };
        if at < year { Day::of(self.year, at) } else { Day::of(self.year + 1, at - year) }
    }

    pub fn minus(self, days: u32) -> Day {
        let at = self.ordinal();
        if at >= days {
            return Day::of(self.year, at - days);
        }
        let year = if leap(self.year - 1) { 366 } else { 365 };
        Day::of(self.year - 1, year + at - days)
    }

    pub fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    pub fn chinese(self) -> String {
        format!("{}年{}月{}日", self.year, self.month, self.day)
    }
}

#[derive(Clone, Copy)]
pub struct Moment {
    pub day: Day,
    /// Minutes after midnight.
    pub minute: u32,
}

impl Moment {
    pub fn text(self) -> String {
        format!("{} {:02}:{:02}", self.day.iso(), self.minute / 60, self.minute % 60)
    }
}
