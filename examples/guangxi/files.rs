//! Everything on disk. Items are written cell by cell and forgotten: memory does not grow with their number.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::fleet::Tier;
use crate::items::{item, stem};
use crate::plan::Cell;
use crate::rng::{Rng, short};
use crate::settings;
use crate::sheet::Sheet;
use crate::world::World;

/// A record file is written in pieces of about this size.
const PIECE: usize = 1 << 20;

pub fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    fs::write(path, text).map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", path.display())))
}

pub fn sites(world: &World, root: &Path) -> io::Result<()> {
    let folder = root.join("sites");
    fs::create_dir_all(&folder)?;
    for (at, site) in world.sites.iter().enumerate() {
        write(&folder.join(format!("{}.toml", site.id)), settings::file(world, at).as_bytes())?;
    }
    Ok(())
}

pub fn content(world: &World, root: &Path) -> io::Result<()> {
    // No cell shares a file with another: whoever is free takes the next.
    let next = AtomicUsize::new(0);
    let work = || -> io::Result<()> {
        let (mut sheet, mut page, mut body) = (Sheet::new(true), Sheet::new(false), String::new());
        while let Some(at) = world.plan.cells.get(next.fetch_add(1, Ordering::Relaxed)) {
            cell(world, at, root, &mut sheet, &mut page, &mut body)?;
        }
        Ok(())
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        all.into_iter().try_for_each(|t| t.join().expect("no thread panics"))
    })?;
    texts(world, root)
}

fn cell(world: &World, cell: &Cell, root: &Path, sheet: &mut Sheet, page: &mut Sheet, body: &mut String) -> io::Result<()> {
    let column = world.column(cell);
    let below = format!("{}/{:04}", column.id, cell.year);
    let folder = root.join("content").join(&world.site(cell).id).join(&below);
    fs::create_dir_all(&folder)?;
    if cell.records() > 0 {
        records(world, cell, &folder, sheet, body)?;
    }
    for at in cell.records()..cell.count {
        let folder = if gazette(world, cell, at) { root.join("content/gx-zfgb").join(&below) } else { folder.clone() };
        markdown(world, cell, at, &folder, page, body)?;
    }
    Ok(())
}

/// Some documents of the region come from the office of its gazette, which has no site.
fn gazette(world: &World, cell: &Cell, at: u32) -> bool {
    let site = world.site(cell);
    site.tier == Tier::Region && matches!(world.column(cell).id.as_str(), "zwgk/zcwj" | "zwgk/tzgg") && (cell.first + at).is_multiple_of(7)
}

fn records(world: &World, cell: &Cell, folder: &Path, sheet: &mut Sheet, body: &mut String) -> io::Result<()> {
    let category = world.column(cell).category.as_deref().unwrap_or("news");
    let mut file = File::create(folder.join(format!("{category}.jsonl")))?;
    sheet.out.clear();
    for at in 0..cell.records() {
        item(world, cell, at, sheet, body);
        if sheet.out.len() >= PIECE {
            file.write_all(sheet.out.as_bytes())?;
            sheet.out.clear();
        }
    }
    file.write_all(sheet.out.as_bytes())
}

fn markdown(world: &World, cell: &Cell, at: u32, folder: &Path, page: &mut Sheet, body: &mut String) -> io::Result<()> {
    page.out.clear();
    let beside = item(world, cell, at, page, body);
    let files = at - cell.records();
    let translation = files < cell.paired && files % 2 == 1;
    // A translation stands beside its original, under its name.
    let original = if translation { at - 1 } else { at };
    let name = stem(world, cell, original);
    let tongue = if translation { ".en" } else { "" };
    let bundle = if translation { folder.join(&name).is_dir() } else { !beside.is_empty() };
    if !bundle {
        fs::create_dir_all(folder)?;
        return write(&folder.join(format!("{name}{tongue}.md")), page.out.as_bytes());
    }
    let own = folder.join(&name);
    fs::create_dir_all(&own)?;
    for (file, bytes) in beside {
        write(&own.join(file), &bytes)?;
    }
    write(&own.join(format!("index{tongue}.md")), page.out.as_bytes())
}

/// Texts of some columns.
fn texts(world: &World, root: &Path) -> io::Result<()> {
    for (at, site) in world.sites.iter().enumerate() {
        let mut rng = Rng::of_text(world.seed ^ 37, &site.id);
        for column in &world.characters[at].columns {
            let text = match column.id.as_str() {
                "zwgk/xxgk" if rng.chance(0.5) => "政府信息公开平台，由公开指南、公开制度、法定主动公开内容和公开年报四个部分组成。",
                "fw" if rng.chance(0.3) => "本栏目所列事项，除需要现场核验的以外，都可以在就近的政务服务大厅或者网上办理。",
                id if id.starts_with("zt/") && column.theme.is_some() && rng.chance(0.4) => {
                    "本专题汇集有关部署、政策、经验和一线动态，内容持续更新。"
                }
                _ => continue,
            };
            let folder = root.join("content").join(&site.id).join(&column.id);
            fs::create_dir_all(&folder)?;
            write(&folder.join("_index.md"), format!("---\nsummary: {}的“{}”栏目。\n---\n{text}\n", site.short, column.name).as_bytes())?;
        }
    }
    Ok(())
}

/// Old addresses of columns and items.
pub fn redirects(world: &World, root: &Path) -> io::Result<()> {
    let mut out = String::from("site,from,to\n");
    for (at, site) in world.sites.iter().enumerate().step_by(5) {
        out.push_str(&format!("{},/col/col{}/index.html,/zwgk/tzgg/\n", site.id, at + 100));
        // The first record, or the first file: neither is a translation.
        if let Some(cell) = world.plan.cells(at).iter().find(|c| world.column(c).id == "zwgk/tzgg") {
            out.push_str(&format!("{},/old/{}.html,id:{}\n", site.id, short(world.seed, cell.first), world.id(cell.first)));
        }
    }
    write(&root.join("redirects.csv"), out.as_bytes())
}

/// Copies a folder: the texts of the laws.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    let entries = fs::read_dir(from).map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", from.display())))?;
    for entry in entries {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            // Not fs::copy: it would copy a read-only mode as well.
            write(&target, &fs::read(entry.path())?)?;
        }
    }
    Ok(())
}
