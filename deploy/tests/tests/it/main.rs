//! End-to-end tests over both shapes.
#![expect(
    clippy::panic,
    clippy::print_stderr,
    reason = "a test reports by panicking"
)]

mod architecture;
mod authorization;
mod bad_input;
mod browser;
mod configuration;
mod crash;
mod full_disk;
mod main_job;
mod observability;
mod replicas;
mod repository;
mod senders;
mod tidy;

/// Makes one test per shape out of an async function that takes the shape.
macro_rules! in_both_shapes {
    ($($name:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(e2e::Shape::Embedded).await;
            })+
        }
        mod scaled {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(e2e::Shape::Scaled).await;
            })+
        }
    };
}
pub(crate) use in_both_shapes;
