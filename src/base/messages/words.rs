//! Words that stand in messages as arguments: types of values, kinds of things.

use std::borrow::Cow;

/// As the code calls it; in an English sentence; in a Chinese one.
#[rustfmt::skip]
const WORDS: &[(&str, &str, &str)] = &[
    ("text", "a text", "文字"),
    ("texts", "a list of texts", "文字列表"),
    ("count", "a whole number from 1 to 100,000", "不小于 1、不大于 100000 的整数"),
    ("counts", "a list of whole numbers", "整数列表"),
    ("weight", "a whole number from -2,147,483,648 to 2,147,483,647", "不小于 -2147483648、不大于 2147483647 的整数"),
    ("whole number", "a whole number", "整数"),
    ("number", "a number", "数字"),
    ("flag", "true or false", "true 或 false"),
    ("date", "a date", "日期"),
    ("table", "a table", "表"),
    ("tables", "a list of tables", "表的列表"),
    ("sites", "a list of sites", "站点列表"),
    ("list", "a list", "列表"),
    ("nothing", "nothing", "空值"),
    ("address", "an address (https://…)", "网址（https://…）"),
    ("e-mail", "an e-mail address", "电子邮箱"),
    ("filter", "filter", "过滤器"),
    ("test", "test", "测试"),
    ("function", "function", "函数"),
    // As TOML calls its types.
    ("string", "a text", "文字"),
    ("integer", "a whole number", "整数"),
    ("float", "a fraction", "小数"),
    ("boolean", "a boolean", "布尔值"),
    ("datetime", "a date", "日期"),
    ("array", "a list", "列表"),
];

/// The word in a language; what is none stands as it is.
pub fn word(text: &str, chinese: bool) -> Cow<'_, str> {
    if let Some(site) = text.strip_prefix("site ").filter(|_| chinese) {
        return format!("站点 {site}").into();
    }
    match WORDS.iter().find(|(key, ..)| *key == text) {
        Some((_, _, zh)) if chinese => Cow::Borrowed(zh),
        Some((_, en, _)) => Cow::Borrowed(en),
        None => Cow::Borrowed(text),
    }
}
