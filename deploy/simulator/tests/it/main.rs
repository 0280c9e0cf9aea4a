//! The simulator over real HTTP, as its users see it.

mod collections;
mod faults;
mod library;
mod pictures;
mod scan;
mod shape;
mod sign_in;
mod visibility;
mod webhooks;
mod world;
