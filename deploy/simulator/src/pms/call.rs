//! One authenticated request to a server.

use std::{future::Ready, sync::Arc};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use url::form_urlencoded;

use super::error::Refusal;
use crate::{
    catalog::ItemId,
    fault::FaultTarget,
    library::Section,
    simulator::existing,
    world::{Account, Server, World},
};

/// Longest address the server reads.
const MAX_URI: usize = 8 * 1024;

/// Who asks which server for what.
pub(crate) struct Call {
    world: Arc<World>,
    server: usize,
    account: usize,
    query: Vec<(String, String)>,
    pub(super) wants_json: bool,
    pub(super) page: Option<Page>,
}

/// The part of a list that is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub(super) start: usize,
    pub(super) size: usize,
}

impl Page {
    pub(super) fn cut<T>(self, list: &[T]) -> &[T] {
        let start = self.start.min(list.len());
        &list[start..start.saturating_add(self.size).min(list.len())]
    }
}

impl Call {
    pub(super) fn world(&self) -> &Arc<World> {
        &self.world
    }

    pub(super) fn server(&self) -> &Server {
        &self.world.servers[self.server]
    }

    pub(super) fn account(&self) -> &Account {
        &self.world.accounts[self.account]
    }

    /// Refuses everybody but the owner.
    pub(super) fn require_owner(&self) -> Result<(), Refusal> {
        if self.account().is_owner {
            Ok(())
        } else {
            Err(Refusal::FORBIDDEN)
        }
    }

    /// The first value of a query parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn is_on(&self, name: &str) -> bool {
        self.parameter(name) == Some("1")
    }

    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.parameter(name)?.parse().ok()
    }

    pub(super) fn query(&self) -> &[(String, String)] {
        &self.query
    }

    /// The libraries the caller may see.
    pub(super) fn sections(&self) -> impl Iterator<Item = &Section> {
        self.server()
            .sections
            .iter()
            .filter(|section| self.account().sees(section))
    }

    /// A library the caller may see.
    pub(super) fn section(&self, key: &str) -> Result<&Section, Refusal> {
        let visible = || {
            self.sections()
                .find(|section| section.key.to_string() == key)
        };
        visible().ok_or(Refusal::NOT_FOUND)
    }

    /// The library of an item, when the caller may see it.
    pub(super) fn section_of(&self, id: ItemId) -> Option<&Section> {
        self.server()
            .section_of(id)
            .filter(|section| self.account().sees(section))
    }

    /// An item that exists and that the caller may see.
    pub(super) fn item(&self, rating_key: &str) -> Result<(ItemId, &Section), Refusal> {
        let id = existing(self.server(), rating_key).ok_or(Refusal::NOT_FOUND)?;
        Ok((id, self.section_of(id).ok_or(Refusal::NOT_FOUND)?))
    }
}

impl FromRequest for Call {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(read(request))
    }
}

fn read(request: &HttpRequest) -> Result<Call, Refusal> {
    if request.uri().to_string().len() > MAX_URI {
        return Err(Refusal::URI_TOO_LONG);
    }
    let world = request.app_data::<Data<World>>().ok_or(Refusal::INTERNAL)?;
    let Some(FaultTarget::Server(server)) = target(request) else {
        return Err(Refusal::INTERNAL);
    };
    let query: Vec<(String, String)> = form_urlencoded::parse(request.query_string().as_bytes())
        .into_owned()
        .collect();
    let setting = |name: &str| plex_setting(request, &query, name);
    let token = setting("X-Plex-Token").ok_or(Refusal::UNAUTHORIZED)?;
    let account = world
        .viewer(&world.servers[server], &token)
        .ok_or(Refusal::UNAUTHORIZED)?;
    let position = |name: &str| setting(name).and_then(|value| value.parse().ok());
    let (start, size) = (
        position("X-Plex-Container-Start"),
        position("X-Plex-Container-Size"),
    );
    let page = (start.is_some() || size.is_some()).then(|| Page {
        start: start.unwrap_or(0),
        size: size.unwrap_or(usize::MAX),
    });
    let (world, account) = (Arc::clone(world), account.index);
    Ok(Call {
        world,
        server,
        account,
        wants_json: wants_json(request),
        page,
        query,
    })
}

/// Which server this is.
pub(super) fn target(request: &HttpRequest) -> Option<FaultTarget> {
    request
        .app_data::<Data<FaultTarget>>()
        .map(|target| ***target)
}

/// JSON has to be asked for.
pub(super) fn wants_json(request: &HttpRequest) -> bool {
    let accept = request
        .headers()
        .get("Accept")
        .and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("application/json"))
}

/// `X-Plex-*` values come as a header or as a query parameter.
fn plex_setting(request: &HttpRequest, query: &[(String, String)], name: &str) -> Option<String> {
    let header = request
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok());
    let parameter = || {
        query
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
    };
    header.map(str::to_owned).or_else(parameter)
}
