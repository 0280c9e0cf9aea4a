# shellcheck shell=bash
# The checks of the lint step, quick ones first.

CHECKERS="$STATE/checkers"

install_checkers() {
  local requirements="$ROOT/deploy/tests/requirements.txt"
  cmp -s "$requirements" "$CHECKERS/.stamp" && return
  rm -rf "$CHECKERS"
  "$VENV/bin/python" -m venv "$CHECKERS"
  "$CHECKERS/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
  cp "$requirements" "$CHECKERS/.stamp"
}

# Every tracked shell script: by its first line or by its name.
lint_scripts() {
  if ! has shellcheck; then
    skip shellcheck "not installed: $(install_hint shellcheck shellcheck)"
    return
  fi
  git ls-files -z '.ci' 'deploy' | xargs -0 grep -lE '^#( shellcheck shell=bash|!.*sh$)' | xargs shellcheck -x
}

# The file has to please docker-compose 1.29, compose v2 and podman-compose alike.
lint_compose() {
  "$CHECKERS/bin/check-jsonschema" --builtin-schema vendor.compose-spec docker-compose.yml
  if ! has docker-compose; then
    skip "docker-compose config" "not installed: $(install_hint docker-compose docker-compose)"
    return
  fi
  MEDIANEST_PUBLIC_URL=https://medianest.example docker-compose -f docker-compose.yml config -q
}

lint_dockerfile() { "$CHECKERS/bin/hadolint" deploy/docker/Dockerfile; }

# Licences, sources and unwanted crates. Known vulnerabilities are the business of lint_advisories.
lint_dependencies() {
  cargo fetch --quiet --locked
  "$CHECKERS/bin/cargo-deny" --offline --locked check --hide-inclusion-graph bans licenses sources
}

# The advisory database comes as a file, so that the check needs no network and gives the same answer twice.
lint_advisories() {
  local copy="${MEDIANEST_ADVISORY_DB:-$ROOT/../shared/advisory-db.tar.xz}" database="$TARGET/advisory-db"
  if [ ! -e "$copy" ]; then
    skip "cargo audit" "no copy of the advisory database at $copy (set MEDIANEST_ADVISORY_DB)"
    return
  fi
  rm -rf "$database"
  mkdir -p "$database"
  tar -xJf "$copy" -C "$database"
  git -C "$database" init --quiet
  git -C "$database" add --all
  git -C "$database" -c user.name=audit -c user.email=audit@localhost commit --quiet --message copy
  "$CHECKERS/bin/cargo-audit" audit --quiet --no-fetch --stale --db "$database"
}
