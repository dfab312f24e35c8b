#!/usr/bin/env bash
# Set up, then run every suite that needs no cloud. A suite that fails does not keep the others
# from running; the exit code is that of all of them together.
#
#   tools/test.sh           tools/test.sh lint unit
#
# The closing line of each suite is also written to build/test/<suite>, for .ci/run.
set -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. tools/common.sh
suites=("$@")
[ ${#suites[@]} = 0 ] && suites=(parts lint unit real)
results=build/test
rm -rf "$results"
mkdir -p "$results" || die "$PWD/$results cannot be written"

closing() { # the last line that says how a suite went
    grep -E '^(──|!!) |^([0-9]+ [a-z]+,? ?)+ ?in [0-9.]+s|^no tests ran' "$1" | tail -n 1
}

# The log is a file that is followed, not a pipe: a daemon that a test has left behind would keep a
# pipe open, and us waiting for ever.
run() {
    local suite=$1 log=$results/$1.log start=$SECONDS rc follower
    shift
    printf '\n━━ %s\n' "$suite"
    : >"$log"
    "$@" </dev/null >>"$log" 2>&1 &
    running=$!
    tail -n +1 -f --pid="$running" "$log" &
    follower=$!
    wait "$running"
    rc=$?
    wait "$follower"
    printf '%s in %d s: %s\n' "$([ "$rc" = 0 ] && echo passed || echo "FAILED ($rc)")" \
        $((SECONDS - start)) "$(closing "$log")" >"$results/$suite"
    [ "$rc" = 0 ] || status=1
}
# With a process group of its own for each suite, an interruption ends all that it started.
set -m
trap 'kill -- -"$running" 2>/dev/null; exit 130' INT TERM

# More than eight workers only fight over memory.
workers=$(($(nproc) < 8 ? $(nproc) : 8))
tests() { .venv/bin/python -m pytest -q -n "$workers" --dist worksteal --durations 5 "$@"; }
suite_parts() { bash tools/parts.sh && say "parts: all there"; }
suite_lint() { bash tools/lint.sh; }
suite_unit() { tests -m 'not real and not cloud' tests; }
# Real servers share ports, users and memory: one after the other is quicker to understand when it fails.
suite_real() { .venv/bin/python -m pytest -q -m 'real and not cloud' tests; }

status=0
bash tools/venv.sh || die "setup failed, so nothing could be tested (see above)"
for suite in "${suites[@]}"; do run "$suite" "suite_$suite"; done

printf '\n━━ all suites\n'
for suite in "${suites[@]}"; do printf '%-8s %s\n' "$suite" "$(cat "$results/$suite")"; done
exit $status
