use std::ops::Range;
use crate::base::diag::Severity;
#[derive(Clone, Debug)]
pub enum HtmlPolicy { None, Clean, Embed(Vec<String>) }
pub struct Options<'a> { pub html: HtmlPolicy, pub chinese: bool, pub drop_title: Option<&'a str>, pub articles: bool }
#[derive(Clone, Debug, PartialEq)]
pub struct Body { pub html: String, pub holes: Vec<Hole>, pub links: Vec<Link>, pub toc: Vec<Heading>, pub findings: Vec<Finding> }
#[derive(Clone, Debug, PartialEq)]
pub struct Heading { pub level: u8, pub id: String, pub text: String }
#[derive(Clone, Debug, PartialEq)]
pub struct Hole { pub at: usize, pub kind: HoleKind }
#[derive(Clone, Debug, PartialEq)]
pub enum HoleKind { LinkOpen(u32), LinkClose(u32), Image { link: u32, alt: String, title: String } }
#[derive(Clone, Debug, PartialEq)]
pub struct Link { pub target: Target, pub range: Range<usize>, pub kind: LinkKind, pub title: String }
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LinkKind { Link, Image }
#[derive(Clone, Debug, PartialEq)]
pub enum Target { Item { id: String, anchor: Option<String> }, Path { path: String, anchor: Option<String> }, Anchor(String), External(String) }
#[derive(Clone, Debug, PartialEq)]
pub struct Finding { pub range: Range<usize>, pub id: &'static str, pub severity: Severity, pub args: Vec<(&'static str, String)>, pub nearest: Option<String> }
pub fn render(_s: &str, _o: &Options) -> Body { Body { html: String::new(), holes: vec![], links: vec![], toc: vec![], findings: vec![] } }
pub fn links(_s: &str, _o: &Options) -> (Vec<Link>, Vec<Finding>) { (vec![], vec![]) }
pub fn summary(_s: &str, _n: usize, _t: Option<&str>) -> String { String::new() }
pub fn first_heading(s: &str) -> Option<String> { s.strip_prefix("# ").map(|s| s.lines().next().unwrap_or("").to_owned()) }
