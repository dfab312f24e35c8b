#!/usr/bin/env bash
# Write constraints.txt anew: the exact versions that a fresh environment gets from pyproject.toml today.
set -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. tools/common.sh
fresh=$(mktemp -d) || die "no temporary directory"
trap 'rm -rf "$fresh"' EXIT
say "making a fresh environment"
.venv/bin/python -m venv "$fresh" || die "run make setup first"
retry 3 "$fresh/bin/python" -m pip install -q --disable-pip-version-check hatchling editables || die "pip failed"
retry 3 "$fresh/bin/python" -m pip install -q --disable-pip-version-check -e '.[dev]' || die "pip failed"
{
    sed -n '/^#/p' constraints.txt
    "$fresh/bin/python" -m pip freeze --exclude-editable
} >"$fresh/new" && mv "$fresh/new" constraints.txt
say "constraints.txt written; run make test before it is committed"
