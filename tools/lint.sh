#!/usr/bin/env bash
# Everything that judges the code without running it. All are run; the exit code says if any complained.
set -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. tools/common.sh
bin=.venv/bin
failed=()

step() {
    local name=$1
    shift
    say "$name"
    "$@" </dev/null || failed+=("$name")
}

step "ruff check" $bin/ruff check --no-fix .
step "ruff format" $bin/ruff format --check .
step "mypy" $bin/mypy
step "import contracts" $bin/lint-imports
mapfile -t sql < <(find src -name '*.sql' 2>/dev/null | sort)
[ ${#sql[@]} = 0 ] || step "sqlfluff" $bin/sqlfluff lint --disable-progress-bar --processes 1 "${sql[@]}"

if [ ${#failed[@]} != 0 ]; then
    warn "lint: complaints from: ${failed[*]}"
    exit 1
fi
say "lint: clean"
