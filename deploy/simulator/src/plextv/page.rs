//! The page a browser is sent to for signing in: pick an account, the PIN is claimed.

use std::fmt::Write;

use actix_web::HttpResponse;
use quick_xml::escape::escape;

use super::call::Call;

/// `/auth#?clientID=…&code=…`
pub(super) async fn auth(call: Call) -> HttpResponse {
    let mut buttons = String::new();
    for account in &call.world().accounts {
        let name = escape(account.username.as_str());
        let role = if account.is_owner { "owner" } else { "friend" };
        let _ = writeln!(
            buttons,
            "<button data-username=\"{name}\">{name} <small>{role}</small></button>"
        );
    }
    let page = include_str!("auth.html").replace("{{buttons}}", &buttons);
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(page)
}
