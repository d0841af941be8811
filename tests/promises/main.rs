//! Promises that need more than a text: whole builds by the program or the library, and what is true after them. One program: as
//! a program each of these files would be compiled and linked with everything, for minutes of a run on a new machine.

#[path = "../support/fleet.rs"]
mod fleet;
#[path = "../support/mod.rs"]
mod support;
#[path = "../world/mod.rs"]
mod world;

mod bad_input;
mod ci;
mod corpus;
#[cfg(feature = "faults")]
mod crash;
mod deploy;
#[cfg(feature = "faults")]
mod deploy_crash;
mod docs;
mod editors;
mod guangxi;
mod hostile;
mod house;
mod memo;
mod pages;
#[cfg(feature = "images")]
mod pictures;
mod renders;
mod theme_tools;
mod verify;
mod whole;
