#![doc = include_str!("../README.md")]

mod art;
mod catalog;
mod clock;
mod fault;
mod hash;
mod library;
mod pins;
mod plextv;
mod pms;
mod session;
mod settings;
mod simulator;
mod webhook;
mod world;
mod xml;

pub use fault::{Fault, FaultTarget};
pub use settings::{AccountSettings, HOME_VIDEOS, MOVIES, SHOWS, ServerSettings, Settings};
pub use simulator::{Listen, Simulator};
