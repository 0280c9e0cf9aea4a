//! The gateway over real HTTP, with a stand-in for the services behind it.

mod edge;
mod forwarding;
mod live;
mod sessions;
mod web;

use gateway::Config;
use shared_testkit::{Running, TestWorld};

/// A gateway in front of the stand-in.
pub(crate) async fn start(world: &TestWorld) -> Running {
    start_with(world, Config::default()).await
}

pub(crate) async fn start_with(world: &TestWorld, config: Config) -> Running {
    world.serve(|parts| gateway::build(config, parts)).await
}
