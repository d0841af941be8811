//! `banyan init`: a platform that builds, small enough to be read whole.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::Io;
use crate::base::diag::Diagnostic;
use crate::base::fs::write_atomic;
use crate::build::Outcome;

static STARTER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/cli/starter");

#[derive(clap::Args)]
pub struct Args {
    /// A new folder, or an empty one
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

pub fn run(args: &Args, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let taken =
        std::fs::read_dir(&args.dir).is_ok_and(|mut d| d.any(|f| f.is_ok_and(|f| !f.file_name().to_string_lossy().starts_with('.'))));
    if taken || args.dir.is_file() {
        return Err(Diagnostic::error("cli.exists").arg("path", args.dir.display()));
    }
    let files = write(&STARTER, &args.dir)?;
    write_file(&args.dir.join(".gitignore"), b"/public\n/.banyan\n")?;
    let dir = args.dir.display();
    let text = if io.is_chinese() {
        format!("已写入 {files} 个文件到 {dir}\n下一步：banyan build --root {dir}")
    } else {
        format!("{files} files written to {dir}\nnext: banyan build --root {dir}")
    };
    io.say(text);
    Ok(Outcome::Good)
}

fn write(from: &Dir, to: &Path) -> Result<usize, Diagnostic> {
    let mut count = 0;
    for file in from.files() {
        write_file(&to.join(file.path()), file.contents())?;
        count += 1;
    }
    for dir in from.dirs() {
        count += write(dir, to)?;
    }
    Ok(count)
}

pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    write_atomic(path, bytes).map_err(|e| Diagnostic::error("cli.io").arg("path", path.display()).arg("problem", e))
}
