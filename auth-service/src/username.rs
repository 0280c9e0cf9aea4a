//! Names of people: parsed once, valid afterwards.

use crate::{error::InvalidField, origin::is_harmless};

const MAX_USERNAME: usize = 40;
const MAX_DISPLAY_NAME: usize = 80;
const MAX_EMAIL: usize = 254;

/// A sign-in name: 2 to 40 letters, digits, dots, dashes and underscores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Username(String);

impl Username {
    /// Checks a name that a person chose.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidField> {
        let starts_well = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !(2..=MAX_USERNAME).contains(&text.len()) || !starts_well || !text.chars().all(is_name) {
            return Err(InvalidField::new(
                "username",
                "format",
                "Use 2 to 40 letters, digits, dots, dashes or underscores, and start with a letter or a digit.",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// A valid name that resembles one from elsewhere. A mail address loses its host: it is nobody's business here.
    pub(crate) fn resembling(text: &str) -> Self {
        let local = text.split('@').next().unwrap_or_default();
        let mut name = String::new();
        for c in local.chars() {
            let c = if is_name(c) { c } else { '-' };
            if name.is_empty() && !c.is_ascii_alphanumeric() || name.ends_with('-') && c == '-' {
                continue;
            }
            name.push(c);
        }
        name.truncate(MAX_USERNAME - 6);
        let name = name.trim_end_matches('-');
        Self(match name.len() {
            0 => "member".to_owned(),
            1 => format!("{name}-plex"),
            _ => name.to_owned(),
        })
    }

    /// The same name with a number behind it.
    pub(crate) fn numbered(&self, number: u32) -> Self {
        Self(format!("{}-{number}", self.0))
    }

    /// The name as typed.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as it is compared.
    pub(crate) fn key(&self) -> String {
        key_of(&self.0)
    }
}

/// The form in which names are compared.
pub(crate) fn key_of(username: &str) -> String {
    username.trim().to_ascii_lowercase()
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
}

/// A name for screens: 1 to 80 characters.
pub(crate) fn parse_display_name(text: &str) -> Result<String, InvalidField> {
    let name = text.trim();
    let length = name.chars().count();
    if !(1..=MAX_DISPLAY_NAME).contains(&length) || !name.chars().all(is_harmless) {
        return Err(InvalidField::new(
            "display_name",
            "format",
            "Use 1 to 80 characters without line breaks.",
        ));
    }
    Ok(name.to_owned())
}

/// A name for screens that resembles one from elsewhere.
pub(crate) fn display_name_resembling(text: &str) -> String {
    let local = text.split('@').next().unwrap_or_default();
    let name: String = local
        .trim()
        .chars()
        .filter(|c| is_harmless(*c))
        .take(MAX_DISPLAY_NAME)
        .collect();
    if name.is_empty() {
        "Member".to_owned()
    } else {
        name
    }
}

/// A mail address, as far as that can be told without sending mail.
pub(crate) fn parse_email(text: &str) -> Result<String, InvalidField> {
    let text = text.trim();
    let is_plausible = text.len() <= MAX_EMAIL
        && text.chars().all(|c| is_harmless(c) && !c.is_whitespace())
        && text.rsplit_once('@').is_some_and(|(local, host)| {
            !local.is_empty() && host.contains('.') && !host.ends_with('.')
        });
    if !is_plausible {
        return Err(InvalidField::new(
            "email",
            "format",
            "This is not a mail address.",
        ));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn odd_names_are_refused() {
        for bad in [
            "",
            "a",
            "-ab",
            "a b",
            "a\u{202e}b",
            "ädmin",
            "a@b.c",
            &"x".repeat(41),
        ] {
            assert!(Username::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(
            Username::parse("Alice.B_1").expect("valid").key(),
            "alice.b_1"
        );
    }

    #[test]
    fn a_mail_address_does_not_become_a_name() {
        assert_eq!(
            Username::resembling("jane.doe@example.com").as_str(),
            "jane.doe"
        );
        assert_eq!(Username::resembling("日本").as_str(), "member");
    }

    proptest! {
        #[test]
        fn any_foreign_name_becomes_a_valid_one(text in ".*", number in 2u32..10_000) {
            let name = Username::resembling(&text);
            prop_assert!(Username::parse(name.as_str()).is_ok());
            prop_assert!(Username::parse(name.numbered(number).as_str()).is_ok());
            prop_assert!(parse_display_name(&display_name_resembling(&text)).is_ok());
        }
    }
}
