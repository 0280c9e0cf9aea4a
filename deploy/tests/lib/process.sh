# shellcheck shell=bash
# Starting and stopping servers by pid: each runs in a process group of its own, so that stopping it takes its children too.
# Works on $HOME_DIR (files of one run) and $HOME_DIR/pids (lines "name pid", in the order of starting).

# PostgreSQL refuses to run as root, so as root every server runs as the user that its Debian package made.
SERVER_USER=postgres

as_server_user() {
  if [ "$(id -u)" = 0 ]; then
    exec setpriv --reuid "$SERVER_USER" --regid "$SERVER_USER" --clear-groups "$@"
  else
    exec "$@"
  fi
}

# spawn NAME COMMAND…: starts a server in the background; its output goes to NAME.log.
spawn() {
  local name=$1
  shift
  set -m
  (cd "$HOME_DIR" && as_server_user "$@") </dev/null >>"$HOME_DIR/$name.log" 2>&1 &
  set +m
  printf '%s %s\n' "$name" "$!" >>"$HOME_DIR/pids"
}

# run_once NAME COMMAND…: the same, in the foreground.
run_once() {
  local name=$1
  shift
  (cd "$HOME_DIR" && as_server_user "$@") </dev/null >>"$HOME_DIR/$name.log" 2>&1
}

port_is_open() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_port: sets FREE_PORT. Below the range from which systems give out ephemeral ports, so that no outgoing connection takes it meanwhile.
# shellcheck disable=SC2034  # read by the scripts that source this file
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 10000))
    [[ " ${TAKEN_PORTS:-} " == *" $port "* ]] && continue
    port_is_open "$port" && continue
    TAKEN_PORTS="${TAKEN_PORTS:-} $port"
    FREE_PORT=$port
    return
  done
}

# wait_until NAME SECONDS COMMAND…: polls COMMAND; shows the end of NAME.log when the server died or never came.
wait_until() {
  local name=$1 limit=$2 pid
  shift 2
  pid=$(awk -v name="$name" '$1 == name { print $2 }' "$HOME_DIR/pids")
  local deadline=$((SECONDS + limit))
  until "$@" >/dev/null 2>&1; do
    if ! kill -0 "$pid" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then
      printf 'error: %s did not start; the end of its log:\n' "$name" >&2
      tail -n 30 "$HOME_DIR/$name.log" >&2
      return 1
    fi
    sleep 0.1
  done
}

pids() { awk '{ print $2 }' "$HOME_DIR/pids" 2>/dev/null; }

any_group_is_alive() {
  local pid
  while read -r pid; do kill -0 -- "-$pid" 2>/dev/null && return; done < <(pids)
  return 1
}

signal_all() {
  local pid
  while read -r pid; do kill "-$1" -- "-$pid" 2>/dev/null || true; done < <(pids)
}

# SIGINT is PostgreSQL's fast shutdown. Nothing is kept, so what is not gone soon is killed.
stop_all() {
  local deadline=$((SECONDS + 3))
  signal_all INT
  while any_group_is_alive && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.1; done
  signal_all KILL
}
