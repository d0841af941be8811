//! Which site a request is for, and at which address of the preview a site stands.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use crate::base::id::SiteId;
use crate::config::Platform;

/// What a listener answers for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Door {
    /// `localhost` is the front page, `<site>.localhost` each site. Browsers resolve these names to this machine.
    Loopback,
    /// One site, for the local network.
    Site(Arc<str>),
}

/// Whom a request is for.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    Front,
    Site(String),
    /// A name of another: a page elsewhere may have been led here to read what it must not (DNS rebinding).
    Foreign,
}

/// The name of a Host header without its port, in small letters.
pub fn name(header: &str) -> String {
    let bare = match header.strip_prefix('[').and_then(|h| h.split_once(']')) {
        Some((v6, _)) => v6,
        None => header.rsplit_once(':').map_or(header, |(name, _)| name),
    };
    bare.trim_end_matches('.').to_ascii_lowercase()
}

impl Door {
    pub fn asked(&self, host: &str) -> Asked {
        let name = name(host);
        let is_address = name.parse::<IpAddr>().is_ok();
        match self {
            // A name could be anyone's, an address is nobody's but this machine's.
            Door::Site(site) if is_address || name == "localhost" => Asked::Site(site.to_string()),
            Door::Site(_) => Asked::Foreign,
            Door::Loopback if name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()) => Asked::Front,
            Door::Loopback => match name.strip_suffix(".localhost") {
                Some(site) if !site.contains('.') => Asked::Site(site.to_owned()),
                _ => Asked::Foreign,
            },
        }
    }
}

/// How pages of the preview name other sites.
pub struct Names {
    /// By host and alias.
    sites: HashMap<Arc<str>, SiteId>,
    /// Sites below paths of hosts: host, path, site; of two that fit the longer path comes first.
    below: Vec<(Arc<str>, Arc<str>, SiteId)>,
    ids: Vec<Arc<str>>,
    pub port: u16,
    /// Sites on ports of their own, for the local network.
    pub ports: Vec<(Arc<str>, u16)>,
}

impl Names {
    pub fn new(platform: Option<&Platform>, port: u16, ports: &[(Arc<str>, u16)]) -> Names {
        let named = |platform: &Platform, id: SiteId| -> Vec<(Arc<str>, SiteId)> {
            let s = platform.site(id);
            let own = if s.below.is_empty() { &s.hosts[..] } else { &[] };
            own.iter().chain(&s.aliases).map(|h| (h.clone(), id)).collect()
        };
        let shown = |p: &Platform, host: SiteId| -> Vec<(Arc<str>, Arc<str>, SiteId)> {
            let hosts = &p.site(host).hosts;
            p.below(host).flat_map(|id| hosts.iter().map(move |h| (h.clone(), p.site(id).below.clone(), id))).collect()
        };
        let mut below: Vec<_> = platform.into_iter().flat_map(|p| p.site_ids().flat_map(move |id| shown(p, id))).collect();
        below.sort_by_key(|(_, path, _)| std::cmp::Reverse(path.len()));
        Names {
            sites: platform.into_iter().flat_map(|p| p.site_ids().flat_map(move |id| named(p, id))).collect(),
            below,
            ids: platform.into_iter().flat_map(|p| p.sites.iter().map(|s| s.id.clone())).collect(),
            port,
            ports: ports.to_vec(),
        }
    }

    /// Where the preview has what lies at an address of one of the sites. `None`: it is no address of theirs.
    pub fn local(&self, url: &str, door: &Door, host: &str) -> Option<String> {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).or_else(|| url.strip_prefix("//"))?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let host_asked = name(authority);
        let holds = |below: &str| crate::base::path::below(path, below).is_some();
        let below = self.below.iter().find(|(h, below, _)| **h == *host_asked && holds(below)).map(|(.., id)| id);
        let id = below.or_else(|| self.sites.get(host_asked.as_str()))?;
        let site = &self.ids[id.index()];
        let base = match door {
            Door::Loopback => self.at_loopback(site),
            Door::Site(_) => {
                let (_, port) = self.ports.iter().find(|(s, _)| s == site)?;
                let bare = name(host);
                if bare.contains(':') { format!("http://[{bare}]:{port}") } else { format!("http://{bare}:{port}") }
            }
        };
        Some(format!("{base}{path}"))
    }

    pub fn at_loopback(&self, site: &str) -> String {
        format!("http://{site}.localhost:{}", self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_others_are_refused() {
        let front = Door::Loopback;
        for good in ["localhost:3770", "127.0.0.1:3770", "[::1]:3770", "LOCALHOST", "localhost.:3770"] {
            assert_eq!(front.asked(good), Asked::Front, "{good}");
        }
        assert_eq!(front.asked("guilin.localhost:3770"), Asked::Site("guilin".into()));
        for foreign in
            ["evil.example", "evil.example:3770", "guilin.localhost.evil.example", "a.b.localhost", "10.0.0.8", "", "localhost.evil"]
        {
            assert_eq!(front.asked(foreign), Asked::Foreign, "{foreign}");
        }
        let door = Door::Site("guilin".into());
        assert_eq!(door.asked("192.168.1.7:3771"), Asked::Site("guilin".into()));
        assert_eq!(door.asked("evil.example:3771"), Asked::Foreign);
    }

    #[test]
    fn a_path_of_a_host_may_be_another_site() {
        let host: Arc<str> = "www.x.example".into();
        let names = Names {
            sites: HashMap::from([(host.clone(), SiteId(0))]),
            below: vec![(host.clone(), "/lyj/new".into(), SiteId(2)), (host, "/lyj".into(), SiteId(1))],
            ids: vec!["x".into(), "lyj".into(), "new".into()],
            port: 3770,
            ports: Vec::new(),
        };
        for (url, local) in [
            ("https://www.x.example/", "http://x.localhost:3770/"),
            ("https://www.x.example/lyjx", "http://x.localhost:3770/lyjx"),
            ("https://www.x.example/lyj", "http://lyj.localhost:3770/lyj"),
            ("//www.x.example/lyj/a.html?b=/c#d", "http://lyj.localhost:3770/lyj/a.html?b=/c#d"),
            ("https://www.x.example/lyj/new/", "http://new.localhost:3770/lyj/new/"),
        ] {
            assert_eq!(names.local(url, &Door::Loopback, "x.localhost:3770").as_deref(), Some(local), "{url}");
        }
        assert_eq!(names.local("https://elsewhere.example/lyj/", &Door::Loopback, "x.localhost:3770"), None);
    }
}
