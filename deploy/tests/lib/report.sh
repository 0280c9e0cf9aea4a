# shellcheck shell=bash
# Runs steps one after the other, each in a shell of its own that stops at the first failing command, and tells at the
# end what ran, how long it took and what was skipped. Works on $WORK (a folder of this run).

STEP_PID=
OUTCOME=

# run_step NAME: runs the function step_NAME and sets OUTCOME. A process group of its own, so that an interrupt reaches
# everything in it. Not to be called in a condition: bash would then ignore failing commands inside the step.
run_step() {
  local name=$1 begin=$SECONDS
  printf '\n=== %s\n' "$name"
  set -m
  (
    set -eE
    trap 'printf "failed: %s\n" "$BASH_COMMAND" >&2' ERR
    "step_$name"
  ) </dev/null &
  STEP_PID=$!
  set +m
  OUTCOME=ok
  wait "$STEP_PID" || OUTCOME=FAILED
  STEP_PID=
  printf '=== %s: %s after %d s\n' "$name" "$OUTCOME" "$((SECONDS - begin))"
  printf '%-6s %-6s %5d s\n' "$name" "$OUTCOME" "$((SECONDS - begin))" >>"$WORK/ran"
}

stop_step() {
  [ -z "$STEP_PID" ] || kill -TERM -- "-$STEP_PID" 2>/dev/null || true
}

# skip WHAT WHY: notes a check that could not run here.
skip() {
  printf 'skipped: %s: %s\n' "$1" "$2" | tee -a "$WORK/skipped"
}

# summary: the last lines. Fails when a step failed, and in CI also when anything was skipped.
summary() {
  local result=0
  printf '\n=== summary (%d s)\n' "$SECONDS"
  cat "$WORK/ran"
  if grep -q FAILED "$WORK/ran"; then result=1; fi
  if [ ! -s "$WORK/skipped" ]; then
    say "skipped: nothing"
    return "$result"
  fi
  cat "$WORK/skipped"
  if [ -n "${CI:-}" ]; then
    say "in CI nothing may be skipped"
    result=1
  fi
  return "$result"
}
