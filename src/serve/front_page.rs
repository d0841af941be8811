//! `http://localhost:PORT/`: the sites, to search and to open. It needs the configuration alone.

use std::fmt::Write;

use super::dress::escaped;
use super::hosts::Names;
use super::live::State;
use crate::base::diag::{Severity, Tongue};
use crate::config::Platform;

pub fn html(state: &State, turn: &str, names: &Names, tongue: Tongue) -> String {
    let zh = tongue == Tongue::Chinese;
    let say = |en: &'static str, zh_text: &'static str| if zh { zh_text } else { en };
    let mut out = String::new();
    let lang = if zh { "zh-Hans" } else { "en" };
    let title = say("Sites", "站点");
    _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Banyan: {title}</title><link rel=\"icon\" href=\"/_banyan/icon.svg\"><link rel=\"stylesheet\" href=\"/_banyan/front.css\">\
         <script type=\"module\" src=\"/_banyan/front.js\" data-turn=\"{turn}\"></script></head><body>\n<header><h1>Banyan</h1>"
    );
    let status = match (&state.snapshot, state.refused.is_empty()) {
        (_, false) => say("The newest state cannot be shown.", "最新的内容有错误，无法显示。").to_owned(),
        (None, _) => say("Reading the content …", "正在读取内容……").to_owned(),
        (Some(s), _) => {
            let count = |wanted| s.said.iter().chain(&s.said_of_themes).filter(|d| d.severity == wanted).count();
            let (errors, warnings, items) = (count(Severity::Error), count(Severity::Warning), s.world.library.ids().count());
            if zh {
                format!("共 {items} 条内容；错误 {errors}，警告 {warnings}")
            } else {
                format!("{items} items; {errors} errors, {warnings} warnings")
            }
        }
    };
    _ = write!(out, "<p class=\"status\">{}</p>\n<div class=\"shown\">", escaped(&status));
    for (name, on, label) in [
        ("drafts", state.shown.drafts, say("Drafts", "草稿")),
        ("future", state.shown.future, say("Items that wait for their day", "尚未到发布时间的内容")),
    ] {
        _ = write!(
            out,
            "<form method=\"post\" action=\"/_banyan/show\"><input type=\"hidden\" name=\"{name}\" value=\"{}\">\
             <button aria-pressed=\"{on}\">{label}</button></form>",
            !on
        );
    }
    out.push_str("</div></header>\n<main>\n");
    for d in state.refused.iter().filter(|d| d.is_error()).take(20) {
        let place = d.place.as_ref().map(|p| format!("{p} ")).unwrap_or_default();
        _ = writeln!(out, "<p class=\"error\"><code>{}</code>{}</p>", escaped(&place), escaped(&d.message(tongue)));
    }
    let Some(platform) = &state.platform else {
        out.push_str("</main></body></html>\n");
        return out;
    };
    _ = write!(
        out,
        "<p class=\"find\"><label for=\"find\">{}</label> <input id=\"find\" type=\"search\" autofocus autocomplete=\"off\"> <output id=\"count\">{}</output></p>\n<ul id=\"sites\">\n",
        say("Find a site", "查找站点"),
        platform.sites.len()
    );
    for id in platform.site_ids() {
        let s = platform.site(id);
        let host = format!("{}{}", s.hosts.first().map_or("", |h| h), s.below);
        _ = writeln!(
            out,
            "<li data-words=\"{}\"><a href=\"{}/\">{}</a> <span>{}</span> <span class=\"note\">{} · {}{}</span></li>",
            escaped(&words(platform, id)),
            escaped(&format!("{}{}", names.at_loopback(&s.id), s.below)),
            escaped(&s.name),
            escaped(&s.id),
            escaped(&s.tier),
            escaped(&host),
            if s.broken { say(" · has errors", " · 配置有误") } else { "" },
        );
    }
    out.push_str("</ul>\n</main></body></html>\n");
    out
}

/// What a site is found by.
fn words(platform: &Platform, id: crate::base::id::SiteId) -> String {
    let s = platform.site(id);
    let hosts = s.hosts.iter().chain(&s.aliases);
    let mut all: Vec<&str> = vec![&s.id, &s.name, &s.short_name, &s.tier, &s.theme];
    all.extend(hosts.map(|h| &**h));
    all.join(" ").to_lowercase()
}
