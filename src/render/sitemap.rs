//! sitemap.xml and its parts (sitemaps.org 0.9), robots.txt (RFC 9309), security.txt (RFC 9116).

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::SiteRender;
use crate::facts::View;

const NS: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

fn document(root: &str, entry: &str, list: impl Iterator<Item = (String, Option<String>)>) -> Vec<u8> {
    let mut w = Writer::new(Vec::new());
    let done = (|| -> std::io::Result<()> {
        w.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
        w.create_element(root).with_attribute(("xmlns", NS)).write_inner_content(|w| {
            for (address, changed) in list {
                w.create_element(entry).write_inner_content(|w| {
                    w.create_element("loc").write_text_content(BytesText::new(&address))?;
                    if let Some(changed) = changed {
                        w.create_element("lastmod").write_text_content(BytesText::new(&changed))?;
                    }
                    Ok(())
                })?;
            }
            Ok(())
        })?;
        Ok(())
    })();
    // Writing into memory cannot fail.
    _ = done;
    let mut out = w.into_inner();
    out.push(b'\n');
    out
}

/// The index: each part with the newest change in it.
pub fn index(render: &SiteRender) -> Vec<u8> {
    let view = &render.views[0];
    let parts = view.shards().into_iter().enumerate().map(|(at, name)| {
        let changed = view.shard(at as u32).into_iter().filter_map(|(_, d)| d).max();
        (format!("{}/sitemap/{name}.xml", view.config().base()), changed)
    });
    document("sitemapindex", "sitemap", parts)
}

/// All addresses in one file.
pub fn whole(render: &SiteRender) -> Vec<u8> {
    let view = &render.views[0];
    let items = (1..view.shards().len() as u32).flat_map(|at| view.shard(at));
    document("urlset", "url", columns(render).into_iter().map(|u| (u, None)).chain(items))
}

pub fn shard(render: &SiteRender, at: u32) -> Vec<u8> {
    let view = &render.views[0];
    if at > 0 {
        return document("urlset", "url", view.shard(at).into_iter());
    }
    document("urlset", "url", columns(render).into_iter().map(|u| (u, None)))
}

fn columns(render: &SiteRender) -> Vec<String> {
    let view = &render.views[0];
    // Home pages and columns.
    let site = view.config();
    let mut list = Vec::new();
    for v in &render.views {
        list.push(format!("{}{}", site.url, v.home()));
        for id in site.column_ids().filter(|c| v.lang == site.default_language() || v.has_items(v.lang, *c)) {
            list.push(format!("{}{}", site.url, v.column(id).url));
        }
    }
    list
}

pub fn robots(render: &SiteRender) -> Vec<u8> {
    let site = render.views[0].config();
    let mut text = format!("User-agent: *\n{}\n", if site.noindex { "Disallow: /" } else { "Allow: /" });
    let mut maps = format!("\nSitemap: {}/sitemap.xml\n", site.url);
    // A host has one such file: it speaks for the sites below its paths too.
    for (base, path, hidden) in View::shown_below(&render.world.platform, render.plan.site) {
        if hidden != site.noindex {
            text.push_str(&format!("{}: {path}/\n", if hidden { "Disallow" } else { "Allow" }));
        }
        maps.push_str(&format!("Sitemap: {base}/sitemap.xml\n"));
    }
    (text + &maps).into_bytes()
}

pub fn security(render: &SiteRender) -> Vec<u8> {
    let view = &render.views[0];
    let site = view.config();
    let Some(security) = view.security() else { return Vec::new() };
    let languages: Vec<&str> = site.languages.iter().map(|l| &**render.world.platform.language(*l)).collect();
    let mut text: String = security.contacts.iter().map(|c| format!("Contact: {c}\n")).collect();
    text.push_str(&format!("Expires: {}\n", security.expires.rfc3339(&render.world.platform.zone)));
    text.push_str(&format!("Preferred-Languages: {}\n", languages.join(", ")));
    // The standard knows no place of the file but one of https.
    if site.url.starts_with("https://") {
        text.push_str(&format!("Canonical: {}/.well-known/security.txt\n", site.url));
    }
    text.into_bytes()
}
