//! Background work: the dispatcher and its workers, what other services tell, and cleaning up.

mod conclude;
mod consumers;
mod dispatch;
mod item;
mod leftovers;
mod observer;
mod probe;
mod staging;
mod transfer;

use std::sync::Arc;

use actix_web::web::Data;

use crate::app::AppState;

pub(crate) use probe::{Look, NoLook, look_at};

/// Starts everything that runs beside the routes.
pub(crate) fn start(state: &Data<AppState>) {
    let state = || -> Arc<AppState> { state.clone().into_inner() };
    let owner = state().supervisor.clone();
    owner.spawn("download dispatcher", dispatch::run(state()));
    owner.spawn("download leftovers", leftovers::run(state()));
    for (name, consume) in consumers::all(&state()) {
        owner.spawn(name, consume);
    }
}
