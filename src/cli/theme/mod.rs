//! `banyan theme`: what a stack is made of, what a layer changes, what has moved under it, whether it keeps its contract.

mod check;
mod diff;
mod drift;
mod explain;
mod gallery;
pub mod new;
mod show;

use clap::Subcommand;

use super::{Common, Io, human};
use crate::base::diag::Diagnostic;
use crate::base::id::{LayerId, SiteId};
use crate::build::Outcome;
use crate::config::Platform;
use crate::theme::Layers;
use crate::theme::stack::chain_of;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The stack of a site: who provides each template, block, asset, token and phrase; what is locked and what is open
    Explain {
        site: String,
        /// Only this template, with all blocks that it has
        template: Option<String>,
    },
    /// The text of a template, as a site finds it
    Show {
        site: String,
        /// `page.html`; `^page.html` is the one above it
        template: String,
    },
    /// What a layer changes against the theme above it
    Diff { layer: String },
    /// Renders sample content with a layer in every tier that could use it, and looks at the pages
    Check {
        /// Default: every theme of the platform
        layers: Vec<String>,
        /// Warnings count as findings too (exit code 3)
        #[arg(long)]
        strict: bool,
    },
    /// One static page with every kind of page of a stack side by side at three widths
    Gallery {
        /// Default: every theme of the platform in every tier
        site: Option<String>,
        /// A new folder, an empty one, or that of an earlier gallery
        #[arg(long, value_name = "DIR")]
        out: std::path::PathBuf,
    },
    /// Overrides that lie over something that has changed since they were written
    Drift {
        /// Default: every theme of the platform
        layers: Vec<String>,
        /// Records what they lie over now
        #[arg(long)]
        accept: bool,
    },
}

pub fn run(args: &Args, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let done = match &args.what {
        What::Explain { site, template } => explain::run(site, template.as_deref(), common, io),
        What::Show { site, template } => show::run(site, template, common, io),
        What::Diff { layer } => diff::run(layer, common, io),
        What::Check { layers, strict } => check::run(layers, *strict, common, io),
        What::Gallery { site, out } => gallery::run(site.as_deref(), out, common, io),
        What::Drift { layers, accept } => drift::run(layers, *accept, common, io),
    };
    done.map_err(|d| mistaken(d, common))
}

/// The themes of a site, from its own up.
struct StackOf {
    platform: Platform,
    site: SiteId,
    layers: Layers,
    chain: Vec<LayerId>,
}

/// `None`: the configuration cannot be read, which was said.
fn stack_of(site: &str, common: &Common, io: &mut Io) -> Result<Option<StackOf>, Diagnostic> {
    let loaded = crate::config::load(&common.root);
    let Some(platform) = loaded.platform else {
        human::findings(&loaded.diagnostics, common, io);
        return Ok(None);
    };
    let Some(id) = platform.find_site(site) else {
        return Err(Diagnostic::error("config.unknown-site").arg("site", site).nearest(site, platform.sites.iter().map(|s| &*s.id)));
    };
    let layers = layers(common, io);
    let chain = chain_of(&layers, find(&layers, &platform.site(id).theme)?);
    Ok(Some(StackOf { platform, site: id, layers, chain }))
}

/// The name of a site where that of a theme is asked for, or the other way round.
fn mistaken(d: Diagnostic, common: &Common) -> Diagnostic {
    let arg = |key: &str| d.args.iter().find(|(k, _)| *k == *key).map(|(_, v)| v.as_str());
    let (key, name) = match d.id {
        "theme.no-layer" => ("theme", arg("theme")),
        "config.unknown-site" => ("site", arg("site")),
        _ => return d,
    };
    let Some((platform, name)) = crate::config::load(&common.root).platform.zip(name) else { return d };
    match key {
        "theme" => match platform.find_site(name).map(|s| platform.site(s)) {
            Some(site) => Diagnostic::error("theme.is-site").arg("site", name).arg("theme", &site.theme),
            None => d,
        },
        _ if Layers::load(&common.root.join("themes"), &mut Vec::new()).find(name).is_some() => {
            const NAMED: usize = 5;
            let all: Vec<&str> = platform.sites.iter().filter(|s| *s.theme == *name).map(|s| &*s.id).take(NAMED).collect();
            Diagnostic::error("theme.is-theme")
                .arg("theme", name)
                .arg("allowed", if all.is_empty() { "–".to_owned() } else { all.join(", ") })
        }
        _ => d,
    }
}

/// The layers of the platform; what is wrong with them is said.
fn layers(common: &Common, io: &mut Io) -> Layers {
    let mut said = Vec::new();
    let layers = Layers::load(&common.root.join("themes"), &mut said);
    human::findings(&said, common, io);
    layers
}

fn find(layers: &Layers, name: &str) -> Result<LayerId, Diagnostic> {
    let missing = || Diagnostic::error("theme.no-layer").arg("theme", name).nearest(name, layers.all.iter().map(|l| &*l.name));
    layers.find(name).ok_or_else(missing)
}

/// The layers of these names; none: all that lie in the platform's own folder.
fn chosen(layers: &Layers, names: &[String], common: &Common) -> Result<Vec<LayerId>, Diagnostic> {
    if !names.is_empty() {
        return names.iter().map(|n| find(layers, n)).collect();
    }
    let own = |l: &&crate::theme::layer::Layer| common.root.join("themes").join(&*l.name).is_dir();
    Ok(layers.all.iter().filter(own).filter_map(|l| layers.find(&l.name)).collect())
}
