//! Everything a build knows, whole and unchanging while it renders.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use crate::config::Platform;
use crate::content::Library;
use crate::plan::Redirects;
use crate::route::{Moment, Routes};
use crate::theme::Themes;

pub struct World {
    pub platform: Arc<Platform>,
    pub library: Arc<Library>,
    pub routes: Arc<Routes>,
    pub redirects: Arc<Redirects>,
    /// A preview lays other themes over the same content.
    pub themes: Themes,
    pub moment: Moment,
    /// `Banyan 0.1.0`
    pub generator: Arc<str>,
    /// Width and height of pictures, read when first asked for.
    pictures: RwLock<HashMap<u32, Option<(u32, u32)>>>,
}

impl World {
    pub fn new(
        platform: Arc<Platform>,
        library: Arc<Library>,
        routes: Arc<Routes>,
        redirects: Arc<Redirects>,
        themes: Themes,
        moment: Moment,
    ) -> World {
        let generator = format!("Banyan {}", env!("CARGO_PKG_VERSION")).into();
        World { platform, library, routes, redirects, themes, moment, generator, pictures: RwLock::default() }
    }

    /// Width and height of a picture of the repository; `None` for what is no picture.
    pub fn dimensions(&self, file: u32) -> Option<(u32, u32)> {
        if let Some(known) = self.pictures.read().ok().and_then(|p| p.get(&file).copied()) {
            return known;
        }
        let disk = &self.library.repository.files[file as usize].disk;
        let size = imagesize::size(disk).ok().and_then(|s| Some((u32::try_from(s.width).ok()?, u32::try_from(s.height).ok()?)));
        if let Ok(mut pictures) = self.pictures.write() {
            pictures.insert(file, size);
        }
        size
    }
}
