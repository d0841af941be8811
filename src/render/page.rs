//! Pages: which template, and what it sees.

use std::sync::Arc;

use minijinja::value::Value;

use super::context::{Crumb, ItemObject, PageObject, SiteObject, Translation, column, pairs};
use super::{Rendered, SiteRender, list};
use crate::base::diag::Diagnostic;
use crate::base::id::{ArticleId, Lang};
use crate::base::path;
use crate::config::ColumnId;
use crate::facts::View;
use crate::plan::{ListKey, Output, Recipe};

/// The address that an output answers, encoded.
fn address(output: &Output) -> String {
    let shown = output.path.strip_suffix("index.html").unwrap_or(&output.path);
    let mut url = String::with_capacity(shown.len() + 1);
    url.push('/');
    url.extend(path::encoded(shown));
    url
}

pub fn tokens(render: &SiteRender) -> Vec<u8> {
    let view = &render.views[0];
    let own = view.settings_below("tokens.");
    let own = own.iter().filter_map(|(k, v)| v.as_str().map(|v| (k.as_str(), v)));
    crate::theme::asset::tokens_css(&view.tokens(), own).into_bytes()
}

pub fn render(render: &Arc<SiteRender>, output: &Output) -> Rendered {
    match &output.recipe {
        Recipe::Item { article } => item(render, output, *article),
        Recipe::Column { lang, column } => front(render, output, *lang, *column),
        Recipe::Archive { lang, column, at } => archive(render, output, *lang, *column, *at),
        Recipe::Tag { lang, tag: t } => tag(render, output, *lang, *t, None),
        Recipe::TagArchive { lang, tag: t, at } => tag(render, output, *lang, *t, Some(*at)),
        Recipe::Redirect { to, .. } => redirect(render, output, to),
        Recipe::Home { lang } => simple(render, output, *lang, "home", "home.html"),
        Recipe::Tags { lang } => simple(render, output, *lang, "tags", "tags.html"),
        Recipe::SiteMap { lang } => simple(render, output, *lang, "sitemap", "sitemap.html"),
        _ => {
            let lang = render.world.platform.site(render.plan.site).default_language();
            simple(render, output, lang, "404", "404.html")
        }
    }
}

/// What all pages see.
fn common(page: PageObject, active: Option<ColumnId>) -> [(&'static str, Value); 2] {
    let site = Value::from_object(SiteObject { view: page.view.clone(), column: active });
    [("site", site), ("page", Value::from_object(page))]
}

fn run(render: &SiteRender, output: &Output, name: &str, context: Value) -> Result<Vec<u8>, Diagnostic> {
    match render.spent.first(name, &output.path) {
        Some(said) => Err(said),
        None => render.engine.render(name, context).map_err(|e| render.spent.failed(name, &output.path, super::explained(&e))),
    }
}

/// The first template of `names` that the stack has.
fn choose<'n>(render: &SiteRender, names: &[&'n str]) -> Result<&'n str, Diagnostic> {
    let missing = || Diagnostic::error("theme.no-template").arg("name", names.last().copied().unwrap_or_default());
    render.engine.choose(names.iter().copied()).ok_or_else(missing)
}

fn phrase(view: &View, key: &str) -> Arc<str> {
    view.phrase(key).unwrap_or_else(|| key.into())
}

/// Home, then the columns down to `column`; what stands last is the page itself.
fn trail(view: &View, column: Option<ColumnId>) -> Vec<Crumb> {
    let mut up = Vec::new();
    let mut at = column;
    while let Some(c) = at {
        let seen = view.column(c);
        up.push((seen.name.clone(), Some(seen.url.clone())));
        at = seen.parent;
    }
    up.push((phrase(view, "home"), Some(view.home().into())));
    up.reverse();
    up
}

fn page(view: &Arc<View>, kind: &'static str, title: Arc<str>, url: String) -> PageObject {
    PageObject {
        view: view.clone(),
        kind,
        title,
        url,
        canonical: None,
        description: None,
        keywords: None,
        breadcrumbs: Box::new(|_| Vec::new()),
        translations: Box::new(|_| Vec::new()),
    }
}

/// The same kind of page in each language of the site.
fn languages(view: &View, url: impl Fn(Lang) -> Option<String>) -> Vec<Translation> {
    let site = view.config();
    if site.languages.len() < 2 {
        return Vec::new();
    }
    let all: Vec<_> = site.languages.iter().filter_map(|l| Some((view.world.platform.language(*l).clone(), url(*l)?.into()))).collect();
    if all.len() > 1 { all } else { Vec::new() }
}

fn simple(render: &Arc<SiteRender>, output: &Output, lang: Lang, kind: &'static str, template: &str) -> Rendered {
    let view = render.view(lang).clone();
    render.recorded(lang, None, || {
        let title = if kind == "home" { view.site_ref(view.site).name } else { phrase(&view, &format!("title_{kind}")) };
        let mut page = page(&view, kind, title.clone(), address(output));
        if kind != "404" {
            page.translations = Box::new(move |view| {
                languages(view, |l| {
                    let home = view.config().home(l, view.world.platform.language(l));
                    match kind {
                        "home" => Some(home),
                        "sitemap" => view.config().outputs.site_map.as_ref().map(|n| format!("{home}{n}")),
                        _ => view.has_tags(l).then(|| format!("{home}tags/")),
                    }
                })
            });
        }
        if kind != "home" {
            page.breadcrumbs = Box::new(move |view| {
                let mut crumbs = trail(view, None);
                crumbs.push((title.clone(), None));
                crumbs
            });
        }
        let tags: Value = match kind {
            "tags" => view
                .tags()
                .into_iter()
                .map(|(name, url, count)| pairs([("name", Value::from(name)), ("url", Value::from(url)), ("count", Value::from(count))]))
                .collect(),
            _ => Value::from(()),
        };
        let [site, page] = common(page, None);
        run(render, output, template, pairs([site, page, ("tags", tags)]))
    })
}

fn column_page(view: &Arc<View>, output: &Output, kind: &'static str, id: ColumnId) -> PageObject {
    let seen = view.column(id);
    let mut page = page(view, kind, seen.name.clone(), address(output));
    if !seen.description.is_empty() {
        page.description = Some(seen.description.clone());
    }
    if !seen.keywords.is_empty() {
        page.keywords = Some(seen.keywords.iter().map(|k| k.as_str().into()).collect());
    }
    page.breadcrumbs = Box::new(move |view| {
        let mut crumbs = trail(view, Some(id));
        if let Some(last) = crumbs.last_mut() {
            last.1 = None;
        }
        crumbs
    });
    page
}

fn front(render: &Arc<SiteRender>, output: &Output, lang: Lang, id: ColumnId) -> Rendered {
    let view = render.view(lang).clone();
    render.recorded(lang, Some(id), || {
        let c = view.config().column(id);
        let topic = c.topic.is_some();
        let own = c.template.as_deref();
        if let (Some(wanted), Some(setting)) = (own, c.settings.get("template")) {
            check_template(&view, wanted, None, setting.place.clone())?;
        }
        let names: Vec<&str> = own.into_iter().chain(topic.then_some("topic.html")).chain(["column.html"]).collect();
        let template = choose(render, &names)?;
        let mut page = column_page(&view, output, if topic { "topic" } else { "column" }, id);
        let w = &view.world;
        page.translations = Box::new(move |view| {
            languages(view, |l| {
                let has = l == view.config().default_language() || view.has_items(l, id);
                has.then(|| crate::route::column_path(&view.world.platform, view.site, view.config().column(id), l))
            })
        });
        let url = crate::route::column_path(&w.platform, view.site, c, lang);
        let feed = (view.config().outputs.column_feeds && view.has_items(lang, id)).then(|| format!("{url}feed.xml"));
        let items = view.items(id, view.config().page_size);
        let list = list::front(&view, ListKey::Column(id), &url, items, feed);
        let [site, page] = common(page, Some(id));
        run(render, output, template, pairs([site, page, ("list", list), ("column", column(&view, id, Some(id)))]))
    })
}

fn archive(render: &Arc<SiteRender>, output: &Output, lang: Lang, id: ColumnId, at: u32) -> Rendered {
    let view = render.view(lang).clone();
    render.recorded(lang, Some(id), || {
        let mut page = column_page(&view, output, "archive", id);
        let c = view.config().column(id);
        let url = crate::route::column_path(&view.world.platform, view.site, c, lang);
        let name: Arc<str> = output
            .path
            .trim_end_matches(".html")
            .rsplit('/')
            .take(2)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
            .join("-")
            .into();
        page.breadcrumbs = Box::new(move |view| {
            let mut crumbs = trail(view, Some(id));
            crumbs.push((name.clone(), None));
            crumbs
        });
        let list = list::block(&view, ListKey::Column(id), &url, at);
        let [site, page] = common(page, Some(id));
        run(render, output, "archive.html", pairs([site, page, ("list", list), ("column", column(&view, id, Some(id)))]))
    })
}

fn tag(render: &Arc<SiteRender>, output: &Output, lang: Lang, tag: u32, at: Option<u32>) -> Rendered {
    let view = render.view(lang).clone();
    render.recorded(lang, None, || {
        let name = view.plan.index.tags.get(&lang).and_then(|t| t.get(tag as usize)).map(|(n, _)| n.clone()).unwrap_or_default();
        let url = crate::plan::site::tag_path(&view.home(), &name);
        let mut page = page(&view, if at.is_some() { "archive" } else { "tag" }, name.clone(), address(output));
        let own = name.clone();
        page.breadcrumbs = Box::new(move |view| {
            let mut crumbs = trail(view, None);
            crumbs.push((phrase(view, "title_tags"), Some(format!("{}tags/", view.home()).into())));
            crumbs.push((own.clone(), None));
            crumbs
        });
        let key = ListKey::Tag(tag);
        let list = match at {
            Some(at) => list::block(&view, key, &url, at),
            None => list::front(&view, key, &url, view.newest(key, view.config().page_size), None),
        };
        let tag = pairs([("name", Value::from(name)), ("url", Value::from(path::encode(&url).into_owned()))]);
        let [site, page] = common(page, None);
        run(render, output, "tag.html", pairs([site, page, ("list", list), ("tag", tag)]))
    })
}

fn redirect(render: &Arc<SiteRender>, output: &Output, to: &str) -> Rendered {
    let lang = render.world.platform.site(render.plan.site).default_language();
    let view = render.view(lang).clone();
    render.recorded(lang, None, || {
        let title = view.site_ref(view.site).name;
        let mut page = page(&view, "redirect", title, address(output));
        let target = if to.contains("://") { to.to_owned() } else { path::encode(to).into_owned() };
        let to = target.clone();
        page.canonical =
            Some(Box::new(move |view| Some(if to.contains("://") { to.clone() } else { format!("{}{to}", view.config().url) })));
        let [site, page] = common(page, None);
        run(render, output, "redirect.html", pairs([site, page, ("target", Value::from(target))]))
    })
}

fn item(render: &Arc<SiteRender>, output: &Output, article: ArticleId) -> Rendered {
    let world = render.world.clone();
    let a = world.library.get(article);
    let view = render.view(a.lang).clone();
    let Some(placement) = view.placement(article) else { return super::plain(super::Content::Failed) };
    let id = placement.column;
    render.recorded(a.lang, Some(id), || {
        let a = view.item(article);
        let details = world.library.details(a);
        let title = placement.title.clone().unwrap_or_else(|| details.title.clone());
        view.owner(&a.home.owner);
        let schema = view.schema(a.card.category);
        let standard = format!("{}.html", schema.id);
        // Another site's theme need not have the template that the item asks its own for.
        let own = placement.how == crate::route::How::Own;
        let asked = details.template.as_ref().filter(|(wanted, _)| own || render.engine.choose([&**wanted]).is_some());
        let names: Vec<&str> = asked
            .iter()
            .map(|(t, _)| &**t)
            .chain([&*schema.template, standard.as_str(), "article.html"])
            .filter(|n| !n.is_empty())
            .collect();
        if let Some((wanted, line)) = asked {
            let place = world.library.place(&world.platform, article);
            let place = crate::base::diag::Place::span(place.file, *line, 1, "template".len() as u32);
            check_template(&view, wanted, Some(&schema.template), place)?;
        }
        let template = choose(render, &names)?;
        let mut page = page(&view, "article", title.clone(), address(output));
        page.description = Some(details.summary.clone());
        page.keywords = Some(if details.keywords.is_empty() { a.card.tags.to_vec() } else { details.keywords.clone() });
        page.canonical = Some(Box::new(move |view| view.canonical(article).map(|(_, url)| url)));
        let own = title.clone();
        page.breadcrumbs = Box::new(move |view| {
            let mut crumbs = trail(view, Some(id));
            crumbs.push((own.clone(), None));
            crumbs
        });
        page.translations = Box::new(move |view| {
            view.translations(article).into_iter().map(|(l, u)| (view.world.platform.language(l).clone(), u)).collect()
        });
        let item = Arc::new(ItemObject::new(view.clone(), article, title));
        let [site, page] = common(page, Some(id));
        let context = pairs([site, page, ("item", Value::from_dyn_object(item.clone())), ("column", column(&view, id, Some(id)))]);
        let done = run(render, output, template, context);
        match item.problem() {
            Some(d) => Err(render.spent.failed(template, &output.path, d)),
            None => done,
        }
    })
}

/// A template that an item or a column asks for: it must be there, and may not lead round a lock (D14).
fn check_template(view: &View, wanted: &str, instead_of: Option<&str>, place: crate::base::diag::Place) -> Result<(), Diagnostic> {
    let (Some(stack), layers) = (view.stack(), &view.world.themes.layers) else { return Ok(()) };
    if stack.template(layers, wanted).is_none() {
        let known: Vec<&str> = stack.chain.iter().flat_map(|l| layers.get(*l).templates.keys().map(|k| &**k)).collect();
        return Err(Diagnostic::error("theme.item-template").at(place).arg("template", wanted).nearest(wanted, known));
    }
    if let Some((owner, lock)) = view.bypassed(wanted, instead_of) {
        let d = Diagnostic::error("lock.item-template").at(place).also(lock.place.clone());
        return Err(d.arg("template", wanted).arg("theme", &owner.name).arg("part", &lock.file));
    }
    Ok(())
}
