# shellcheck shell=bash
# Helpers that every script under deploy/ shares: where the repository is, one-line messages, packages of the system.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
STATE="$ROOT/.medianest"
# shellcheck disable=SC2034  # read by the scripts that source this file
VENV="$STATE/venv"

# A fresh rustup is in PATH only after the next sign-in.
PATH="$PATH:${CARGO_HOME:-${HOME:-/root}/.cargo}/bin"

say() { printf '%s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# Only root on a Debian-like system may install packages without being asked.
can_apt() { [ "$(id -u)" = 0 ] && has apt-get; }

apt_install() {
  say "installing with apt: $*"
  if [ ! -e "$STATE/.apt-updated" ] || [ -n "$(find "$STATE/.apt-updated" -mmin +720)" ]; then
    apt-get -qq update
    mkdir -p "$STATE" && touch "$STATE/.apt-updated"
  fi
  DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$@" >/dev/null
}

# install_hint DEBIAN_PACKAGES HOMEBREW_PACKAGES: the command that a person types to get them.
install_hint() {
  if has brew; then
    printf 'brew install %s' "$2"
  else
    printf 'sudo apt-get install -y %s' "$1"
  fi
}

# version_at_least HAVE WANT: compares dotted numbers.
version_at_least() {
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)" = "$2" ]
}

# fingerprint PATH…: one line that changes when the content or the name of a file below does; built files do not count.
fingerprint() {
  find "$@" -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -name '*.gen.ts' -print0 | LC_ALL=C sort -z | xargs -0 cksum | cksum
}
