//! Puts the built SPA where the embedding macro finds it, or a page that says how to build it. It never runs npm.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

const PLACEHOLDER: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>MediaNest</title>\
<h1>The web app is not built</h1><p>The API works. To get the pages, install Node.js 22 or later and run \
<code>make run</code> again, or <code>npm ci &amp;&amp; npm run build</code> in <code>gateway/web</code> and rebuild.</p>\n";

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=web/dist");
    println!("cargo:rerun-if-env-changed=MEDIANEST_REQUIRE_WEB");
    let variable = |name| env::var_os(name).map(PathBuf::from);
    let out = variable("OUT_DIR").expect("cargo sets OUT_DIR").join("web");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::create_dir_all(&out)?;
    let dist = Path::new("web/dist");
    if dist.join("index.html").exists() {
        return copy(dist, &out);
    }
    assert!(
        env::var_os("MEDIANEST_REQUIRE_WEB").is_none(),
        "gateway/web/dist is not built: run `npm ci && npm run build` in gateway/web"
    );
    fs::write(out.join("index.html"), PLACEHOLDER)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let text = name.to_string_lossy();
        if text == ".vite" || text == ".gitkeep" || text.ends_with(".map") {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to.join(&name))?;
        } else {
            fs::copy(entry.path(), to.join(&name))?;
        }
    }
    Ok(())
}
