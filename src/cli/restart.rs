//! A page that does not end cannot be stopped from inside the process: it starts anew without that page's site.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::build::Endless;

/// What runs before this one of the same process gave up on. Nobody needs to set it.
const VARIABLE: &str = "BANYAN_ENDLESS";

pub fn left_out() -> Vec<Endless> {
    let said = std::env::var(VARIABLE).ok();
    said.and_then(|said| serde_json::from_str(&said).ok()).unwrap_or_default()
}

/// Starts the same command anew, without the sites of these outputs. Comes back only if that fails.
pub fn leaving_out(outputs: &[Endless]) -> std::io::Error {
    let all: Vec<Endless> = left_out().into_iter().chain(outputs.iter().cloned()).collect();
    let said = serde_json::to_string(&all).unwrap_or_default();
    match std::env::current_exe() {
        Ok(program) => Command::new(program).args(std::env::args_os().skip(1)).env(VARIABLE, said).exec(),
        Err(e) => e,
    }
}
