//! Everything a build knows, whole and unchanging while it renders.

use std::sync::Arc;

use crate::config::Platform;
use crate::content::Library;
use crate::picture::Pictures;
use crate::plan::Redirects;
use crate::plan::site::Sources;
use crate::route::{Moment, Routes};
use crate::theme::Themes;

pub struct World {
    pub platform: Arc<Platform>,
    pub library: Arc<Library>,
    pub routes: Arc<Routes>,
    pub redirects: Arc<Redirects>,
    /// A preview lays other themes over the same content.
    pub themes: Arc<Themes>,
    pub moment: Moment,
    /// `Banyan 0.1.0`
    pub generator: Arc<str>,
    pub pictures: Arc<Pictures>,
}

impl World {
    pub fn new(
        platform: Arc<Platform>,
        library: Arc<Library>,
        routes: Arc<Routes>,
        redirects: Arc<Redirects>,
        pictures: Arc<Pictures>,
        themes: Arc<Themes>,
        moment: Moment,
    ) -> World {
        let generator = format!("Banyan {}", env!("CARGO_PKG_VERSION")).into();
        World { platform, library, routes, redirects, themes, moment, generator, pictures }
    }

    /// What plans are made from.
    pub fn sources(&self) -> Sources<'_> {
        let World { platform, library, routes, redirects, pictures, .. } = self;
        Sources { platform, library, routes, redirects, pictures }
    }

    /// Width and height of a picture of the repository; `None` for what is no picture.
    pub fn dimensions(&self, file: u32) -> Option<(u32, u32)> {
        let disk = &self.library.repository.files[file as usize].disk;
        self.pictures.size(file, disk)
    }
}
