//! Which findings concern a build of some sites only: what is wrong with the content, the configuration or the theme of
//! another site is no matter of it.

use std::collections::BTreeSet;

use crate::base::diag::Diagnostic;
use crate::base::id::SiteId;
use crate::config::Platform;
use crate::facts::World;

pub struct Concern<'a> {
    platform: &'a Platform,
    sites: BTreeSet<SiteId>,
    /// The chosen sites and those above them: what these hand down is part of them.
    above: BTreeSet<SiteId>,
    /// Names of the layers of the chosen sites.
    layers: BTreeSet<&'a str>,
}

impl<'a> Concern<'a> {
    pub fn new(world: &'a World, chosen: &[SiteId]) -> Concern<'a> {
        let platform = &world.platform;
        let sites: BTreeSet<SiteId> = chosen.iter().copied().collect();
        let above = platform.site_ids().filter(|up| chosen.iter().any(|s| platform.is_under(*s, *up))).collect();
        let all = &world.themes.layers;
        let mut layers = BTreeSet::new();
        for site in chosen {
            let mut at = all.find(&platform.site(*site).theme);
            // A circle of themes ends where it closes.
            while let Some(layer) = at.map(|l| all.get(l)).filter(|l| layers.insert(&*l.name)) {
                at = layer.extends;
            }
        }
        Concern { platform, sites, above, layers }
    }

    /// The finding is about one of the sites, or about the platform as a whole.
    pub fn is_of(&self, d: &Diagnostic) -> bool {
        let file = d.place.as_ref().map_or("", |p| &*p.file);
        if let Some(site) = file.strip_prefix("sites/").and_then(|f| f.strip_suffix(".toml")) {
            return self.platform.find_site(site).is_none_or(|s| self.above.contains(&s));
        }
        if let Some(site) = d.site.as_deref().and_then(|s| self.platform.find_site(s)) {
            return self.sites.contains(&site);
        }
        if let Some(theme) = file.strip_prefix("themes/").and_then(|f| f.split('/').next()) {
            return self.layers.contains(theme);
        }
        self.owner(file).and_then(|o| self.platform.owner(o)?.home).is_none_or(|home| self.sites.contains(&home))
    }

    /// The owner of the item that a file holds.
    fn owner<'f>(&'f self, file: &'f str) -> Option<&'f str> {
        if let Some(below) = file.strip_prefix("content/") {
            return below.split('/').next();
        }
        let mount = self.platform.mounts.iter().find(|m| file.strip_prefix(&*m.display).is_some_and(|f| f.starts_with('/')));
        mount.map(|m| &*m.owner)
    }
}
