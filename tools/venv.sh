#!/usr/bin/env bash
# Make .venv with stackfsck and what its development needs. Quick when nothing changed.
#
#   tools/venv.sh           PYTHON=/path/to/python3.12 tools/venv.sh
#
# Works on a bare Debian or Ubuntu that has git, make and python3 but neither venv nor pip.
set -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. tools/common.sh

venv=$PWD/.venv
stamp=$venv/.stackfsck-stamp

# What the environment was made from; the path is part of it because scripts in a venv hold it.
wanted() { { cat pyproject.toml constraints.txt tools/venv.sh && printf '%s' "$venv"; } | sha256sum | cut -c1-64; }

good_python() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
works() { good_python "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1; }

# Every Python that might do, best first: what PATH says, then the distribution's own.
candidates() {
    local name
    [ -n "${PYTHON:-}" ] && command -v "$PYTHON"
    for name in python3 python3.13 python3.12 python3.11; do
        type -aP "$name"
    done
}

# Make the venv with the first Python that really can; say why the others could not.
create() {
    local python out tried=''
    while read -r python; do
        [[ $tried == *"|$python|"* ]] && continue
        tried+="|$python|"
        if ! good_python "$python"; then
            say "$python: does not run or is older than 3.11"
            continue
        fi
        if out=$("$python" -m venv --clear "$venv" 2>&1 </dev/null) && works; then
            say "made .venv with $python ($("$python" --version 2>&1))"
            return 0
        fi
        say "$python cannot make a virtual environment: $(printf '%s' "$out" | tr '\n' ' ' | cut -c1-200)"
    done <<<"$(candidates)"
    return 1
}

pip_install() {
    "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --quiet \
        --retries 5 --timeout 60 -c constraints.txt -e '.[dev]' </dev/null
}

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(wanted)" ] && works; then
    exit 0
fi
if ! works; then
    say "making .venv"
    if ! create; then
        say "installing python3-venv"
        apt_install python3 python3-venv || die "python3-venv could not be installed (see above)"
        create || die "no Python 3.11 or newer can make a virtual environment (see above)"
    fi
fi
say "installing stackfsck and its tools into .venv (a minute or two the first time)"
export PIP_CONSTRAINT=$PWD/constraints.txt
retry 4 pip_install || die "pip could not install what pyproject.toml names (see above)"
"$venv/bin/python" -c 'import stackfsck' || die "stackfsck was installed but cannot be imported"
wanted >"$stamp"
say "ready: .venv/bin/stackfsck"
