//! What the reading of a file depends on besides its bytes. Whatever `read` and `build` look at stands here: a value
//! forgotten here would outlive its change.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::base::fingerprint::{Fingerprint, Writer};
use crate::config::{HtmlRule, Mount, Platform, Site};
use crate::content::schema::Schemas;

/// Changes of a zone that are compared: more than seven hundred years of summer times.
const LAST_TRANSITIONS: usize = 2_000;

pub struct Prints {
    common: Fingerprint,
    mounts: Vec<Fingerprint>,
}

impl Prints {
    pub fn new(platform: &Platform, schemas: &Schemas) -> Prints {
        let mut w = Writer::new("memo");
        w.print(crate::base::engine::print());
        zone(&mut w, &platform.zone);
        w.byte(platform.date_from_name.into());
        texts(&mut w, platform.languages.iter().map(|l| &**l));
        // Ids of sites and owners: an item may name any of them, and a slip is held against all.
        texts(&mut w, platform.sites.iter().map(|s| &*s.id));
        texts(&mut w, platform.owners.iter().map(|o| &*o.id));
        w.number(schemas.all.len() as u64);
        schemas.all.iter().for_each(|c| _ = w.text(&c.id).print(c.print));
        Prints { common: w.finish(), mounts: platform.mounts.iter().map(mount).collect() }
    }

    /// Of all that the files of an owner have in common.
    pub fn owner(&self, platform: &Platform, id: &str) -> Fingerprint {
        let mut w = Writer::new("owner");
        w.print(self.common).text(id);
        let Some(owner) = platform.owner(id) else { return w.byte(0).finish() };
        w.byte(1);
        match &owner.html {
            HtmlRule::None => _ = w.byte(0),
            HtmlRule::Clean => _ = w.byte(1),
            HtmlRule::Embed(hosts) => {
                w.byte(2);
                texts(&mut w, hosts.iter().map(String::as_str));
            }
        }
        match owner.home.map(|h| platform.site(h)) {
            None => _ = w.byte(0),
            Some(home) => site(w.byte(1), home),
        }
        w.finish()
    }

    pub fn mounts(&self) -> &[Fingerprint] {
        &self.mounts
    }

    pub fn mount(&self, at: u16) -> Fingerprint {
        self.mounts.get(at as usize).copied().unwrap_or_default()
    }
}

fn site(w: &mut Writer, site: &Site) {
    w.text(&site.id).byte(site.broken.into()).number(site.languages.len() as u64);
    site.languages.iter().for_each(|l| _ = w.byte(l.0));
    w.number(site.columns.len() as u64);
    for column in &site.columns {
        w.text(&column.id).option(column.category.as_deref()).number(column.parent.map_or(u64::MAX, |p| p.0.into()));
    }
}

fn mount(mount: &Mount) -> Fingerprint {
    // The folder itself is not in it: what lies there may be elsewhere on another machine.
    let Mount { path: _, display, owner, column, metadata: _, metadata_display: _, fields, set, version_key, rules } = mount;
    let mut w = Writer::new("mount");
    w.text(display).text(owner).option(column.as_deref()).option(version_key.as_deref());
    w.number(fields.len() as u64);
    fields.iter().for_each(|(k, v)| _ = w.text(k).text(v));
    let pairs = |w: &mut Writer, pairs: &[(String, serde_json::Value)]| {
        w.number(pairs.len() as u64);
        pairs.iter().for_each(|(k, v)| _ = w.text(k).json(v));
    };
    pairs(&mut w, set);
    w.number(rules.len() as u64);
    for rule in rules {
        pairs(&mut w, &rule.when);
        pairs(&mut w, &rule.set);
    }
    w.finish()
}

fn texts<'a>(w: &mut Writer, texts: impl ExactSizeIterator<Item = &'a str>) {
    w.number(texts.len() as u64);
    texts.for_each(|t| _ = w.text(t));
}

/// The rules of a zone come from the machine: two of them may disagree under one name.
fn zone(w: &mut Writer, zone: &TimeZone) {
    let first = Timestamp::MIN;
    w.option(zone.iana_name());
    w.signed(zone.to_offset(first).seconds().into());
    for change in zone.following(first).take(LAST_TRANSITIONS) {
        w.signed(change.timestamp().as_second()).signed(change.offset().seconds().into());
    }
    w.byte(0);
}
