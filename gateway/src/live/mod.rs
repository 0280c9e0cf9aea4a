//! Events to browsers: one hub per replica hears everything, every stream gets what its person may know.

mod audience;
mod hub;
mod stream;

pub(crate) use audience::Viewer;
pub(crate) use hub::Hub;
pub(crate) use stream::stream;
