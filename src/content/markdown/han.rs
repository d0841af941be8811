//! What Chinese text needs and CommonMark does not know.

use std::ops::Range;

/// A source made ready for the parser. CommonMark lets `**“标题”**内容` stay literal: a run of `*` between Chinese
/// punctuation and a Chinese letter neither opens nor closes. A mark that is neither space nor punctuation, put between
/// run and punctuation, makes the run open or close; it is taken out of every text again.
pub struct Prepared {
    pub text: String,
    /// A character that the source does not contain.
    pub mark: char,
    /// Another one: it encloses the numbers of holes.
    pub hole: char,
    /// Byte positions in the source where a mark was put in.
    inserted: Vec<usize>,
}

impl Prepared {
    pub fn new(source: &str, chinese: bool) -> Prepared {
        // Characters of private use; a source that uses some is left the others. It cannot hold all 6,400 by accident,
        // and one that holds them on purpose gets noncharacters, which no text may contain.
        let private = has_private(source.as_bytes());
        let (mark, hole) = if private {
            let used: std::collections::BTreeSet<char> = source.chars().filter(|c| *c >= '\u{E000}').collect();
            let mut free = ('\u{E000}'..='\u{F8FF}').chain('\u{F0000}'..='\u{FFFFD}').filter(|c| !used.contains(c));
            (free.next().unwrap_or('\u{FDD0}'), free.next().unwrap_or('\u{FDD1}'))
        } else {
            ('\u{E000}', '\u{E001}')
        };
        // A NUL is replaced by the parser anyway; positions stay right because it is one byte for three only there.
        if !chinese || memchr::memchr2(b'*', b'~', source.as_bytes()).is_none() {
            return Prepared { text: source.to_owned(), mark, hole, inserted: Vec::new() };
        }
        let mut text = String::with_capacity(source.len() + 64);
        let mut inserted = Vec::new();
        let bytes = source.as_bytes();
        let mut from = 0;
        while let Some(at) = memchr::memchr2(b'*', b'~', &bytes[from..]).map(|i| from + i) {
            let end = at + bytes[at..].iter().take_while(|b| **b == bytes[at]).count();
            let before = source[..at].chars().next_back();
            let after = source[end..].chars().next();
            let opens = before.is_some_and(is_letter) && after.is_some_and(is_punctuation);
            let closes = before.is_some_and(is_punctuation) && after.is_some_and(is_letter);
            text.push_str(&source[from..at]);
            if closes {
                inserted.push(at);
                text.push(mark);
            }
            text.push_str(&source[at..end]);
            if opens {
                inserted.push(end);
                text.push(mark);
            }
            from = end;
        }
        text.push_str(&source[from..]);
        Prepared { text, mark, hole, inserted }
    }

    /// A range of the prepared text as one of the source.
    pub fn original(&self, range: Range<usize>) -> Range<usize> {
        if self.inserted.is_empty() {
            return range;
        }
        self.back(range.start)..self.back(range.end)
    }

    fn back(&self, at: usize) -> usize {
        let size = self.mark.len_utf8();
        // The k-th mark stands at inserted[k] + k * size of the prepared text.
        let (mut low, mut high) = (0, self.inserted.len());
        while low < high {
            let middle = (low + high) / 2;
            if self.inserted[middle] + middle * size < at { low = middle + 1 } else { high = middle }
        }
        at - low * size
    }
}

/// A character of the private use area U+E000–U+F8FF: EE 80 80 to EF A3 BF.
fn has_private(bytes: &[u8]) -> bool {
    memchr::memchr2_iter(0xEE, 0xEF, bytes).any(|i| bytes[i] == 0xEE || bytes.get(i + 1).is_some_and(|b| *b <= 0xA3))
}

/// Where a character stands. The first byte of one of private use is rare in any text, its last is in every second
/// character of a Chinese one.
pub fn find(text: &str, c: char) -> Option<usize> {
    let mut bytes = [0; 4];
    let c = c.encode_utf8(&mut bytes).as_bytes();
    memchr::memchr_iter(c[0], text.as_bytes()).find(|at| text.as_bytes()[*at..].starts_with(c))
}

pub fn contains(text: &str, c: char) -> bool {
    find(text, c).is_some()
}

/// A Han character, kana or hangul: scripts that emphasis meets without spaces.
fn is_letter(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{2FDF}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
        || c.is_alphanumeric()
}

/// Punctuation as it stands in Chinese text.
fn is_punctuation(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205E}' | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301F}'
        | '\u{FE10}'..='\u{FE1F}' | '\u{FE30}'..='\u{FE6F}' | '\u{FF01}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF20}' | '\u{FF3B}'..='\u{FF40}'
        | '\u{FF5B}'..='\u{FF65}' | '·')
}

/// A line may end between two of these without a space.
pub fn is_wide(c: char) -> bool {
    (is_letter(c) && !c.is_ascii() && c as u32 >= 0x2E80 && !('\u{AC00}'..='\u{D7AF}').contains(&c)) || is_punctuation(c)
}

fn digits(c: char) -> bool {
    c.is_ascii_digit() || "〇零一二三四五六七八九十百千两".contains(c)
}

/// The rank of a line that is the heading of a part of an act: `第一编 总则` 0, 分编 1, 章 2, 节 3.
pub fn part_rank(line: &str) -> Option<u8> {
    let line = line.trim();
    let rest = line.strip_prefix('第')?;
    let end = rest.find(|c: char| !digits(c)).filter(|e| *e > 0)?;
    let units = [("分编", 1), ("编", 0), ("章", 2), ("节", 3)];
    let (unit, rank) = units.into_iter().find(|(unit, _)| rest[end..].starts_with(unit))?;
    let name = &rest[end + unit.len()..];
    let length = name.trim().chars().count();
    let sentence = name.ends_with(['。', '；', '，', '：', ':', ';', ',', '、']);
    let fits = match name.chars().next() {
        None => true,
        Some(c) if c.is_whitespace() => length <= 40,
        // Without a space it may as well be the start of a sentence: 第三章规定的…
        Some(c) => length <= 20 && !"的规所中和至、到或与及".contains(c) && !name.contains(is_punctuation),
    };
    (fits && !sentence).then_some(rank)
}

/// `2026年3月5日` or `二〇二六年三月五日`, and nothing else.
pub fn is_date(line: &str) -> bool {
    let line: String = line.chars().filter(|c| !c.is_whitespace()).collect();
    let number = |text: &str, chinese: &str, lengths: std::ops::RangeInclusive<usize>| {
        let one_kind = text.chars().all(|c| c.is_ascii_digit()) || text.chars().all(|c| chinese.contains(c));
        one_kind && lengths.contains(&text.chars().count())
    };
    let Some((year, rest)) = line.split_once('年') else { return false };
    let Some((month, day)) = rest.split_once('月') else { return false };
    let Some(day) = day.strip_suffix('日') else { return false };
    number(year, "〇零○Ｏ一二三四五六七八九", 4..=4)
        && number(month, "一二三四五六七八九十", 1..=2)
        && number(day, "一二三四五六七八九十", 1..=3)
}

/// The name of an office or a person, as it stands above the date of a document.
pub fn is_issuer(line: &str) -> bool {
    let line = line.trim();
    let length = line.chars().count();
    let name = |c: char| c.is_alphanumeric() || c.is_whitespace() || matches!(c, '（' | '）' | '(' | ')' | '·' | '、');
    let other = ["特此", "此致", "此复", "附件", "附：", "抄送"].iter().any(|p| line.starts_with(p)) || part_rank(line).is_some();
    (2..=30).contains(&length)
        && line.chars().all(name)
        && line.chars().any(|c| is_letter(c) && !c.is_ascii_digit())
        && !other
        && article_number(line).is_none()
}

/// `第十二条`, `第十二条之一`, `第12条` at the start of a paragraph.
pub fn article_number(text: &str) -> Option<String> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{3000}');
    let rest = text.strip_prefix('第')?;
    let end = rest.find(|c: char| !digits(c)).filter(|e| *e > 0)?;
    let after = rest[end..].strip_prefix('条')?;
    // 第三条第二款 at the start of a sentence speaks of an article; it is none.
    if after.starts_with(['第', '的', '、', '和', '至', '规', '所', '中', '到', '或', '与', '及']) {
        return None;
    }
    let mut number = format!("第{}条", &rest[..end]);
    if let Some(part) = after.strip_prefix('之') {
        let end = part.find(|c: char| !digits(c)).unwrap_or(part.len());
        if end > 0 {
            number.push('之');
            number.push_str(&part[..end]);
        }
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_lead_back_to_the_source() {
        let source = "说**“你好”**吧 [x](y)";
        let p = Prepared::new(source, true);
        let at = p.text.find('[').unwrap();
        assert_eq!(&source[p.original(at..at + 6)], "[x](y)");
    }

    #[test]
    fn numbers_of_articles() {
        for (text, number) in [
            ("第一条　为了", Some("第一条")),
            ("　　第一百二十条之一 资助", Some("第一百二十条之一")),
            ("第12条 x", Some("第12条")),
            ("第三条第二款规定的", None),
            ("第条", None),
            ("第二章 总则", None),
        ] {
            assert_eq!(article_number(text).as_deref(), number, "{text}");
        }
    }

    #[test]
    fn headings_of_parts() {
        for (line, rank) in [
            ("第一章　总则", Some(2)),
            ("第二章监督管理", Some(2)),
            ("第一分编 通则", Some(1)),
            ("第三编", Some(0)),
            ("第十节 附则", Some(3)),
            ("第三章规定的事项", None),
            ("第一章 总则已经通过。", None),
            ("第一章总则，自公布之日起施行", None),
            ("章程", None),
        ] {
            assert_eq!(part_rank(line), rank, "{line}");
        }
    }

    #[test]
    fn dates_and_issuers_of_documents() {
        for line in ["2026年3月5日", "二〇二六年三月五日", "2026 年 11 月 23 日", "二○二六年十二月二十三日"] {
            assert!(is_date(line), "{line}");
        }
        for line in ["2026年3月", "自2026年3月5日起", "2026年3月5日印发", "年月日", "3月5日"] {
            assert!(!is_date(line), "{line}");
        }
        for line in ["云岭省人民政府办公厅", "省长　沈砚舟", "云岭省财政厅（代章）"] {
            assert!(is_issuer(line), "{line}");
        }
        for line in ["特此通知", "附件", "第一条", "请认真贯彻执行。", "2026", "各市：", "第一章 总则"] {
            assert!(!is_issuer(line), "{line}");
        }
    }
}
