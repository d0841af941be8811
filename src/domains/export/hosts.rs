//! A `hosts` file: all names at one address, to try the fleet on one machine.

use std::net::IpAddr;

use super::{Files, HEAD};
use crate::domains::register::Register;

pub fn files(register: &Register, address: IpAddr) -> Files {
    let mut out = HEAD.to_owned();
    for name in &register.names {
        let shown = if name.shown == *name.host { String::new() } else { format!("  # {}", name.shown) };
        out.push_str(&format!("{address} {}{shown}\n", name.host));
    }
    Files::from([("hosts".to_owned(), out)])
}
