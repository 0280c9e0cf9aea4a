//! Secrets that are made at first start and kept in the data directory.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use crate::Secret;

/// A fresh token of `bytes` random bytes, in hex.
pub fn random_token(bytes: usize) -> String {
    let mut token = String::with_capacity(bytes * 2);
    while token.len() < bytes * 2 {
        token.push_str(&hex::encode(rand::random::<[u8; 16]>()));
    }
    token.truncate(bytes * 2);
    token
}

/// The secret `name` below `dir`, made with 256 random bits when it is not there yet (mode 0600).
pub fn load_or_create(dir: &Path, name: &str) -> io::Result<Secret> {
    let path = dir.join(name);
    match fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => return Ok(Secret::new(text.trim())),
        Ok(_) => {
            return Err(io::Error::other(format!(
                "the secret file `{}` is empty: restore it from a backup or remove it",
                path.display()
            )));
        }
        Err(err) if err.kind() == io::ErrorKind::NotFound => {}
        Err(err) => return Err(err),
    }
    fs::create_dir_all(dir)?;
    let value = random_token(32);
    match write_private(&path, &value) {
        Ok(()) => Ok(Secret::new(value)),
        Err(err) if err.kind() == io::ErrorKind::AlreadyExists => load_or_create(dir, name),
        Err(err) => Err(err),
    }
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_only_its_owner_may_read_it() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let first = load_or_create(dir.path(), "key").expect("made");
        assert_eq!(first.expose().len(), 64);
        assert_eq!(load_or_create(dir.path(), "key").expect("read"), first);
        let mode = fs::metadata(dir.path().join("key"))
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn an_emptied_secret_file_is_not_silently_replaced() {
        let dir = tempfile::tempdir().expect("temporary directory");
        fs::write(dir.path().join("key"), "").expect("written");
        assert!(load_or_create(dir.path(), "key").is_err());
    }
}
