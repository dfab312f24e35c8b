#!/usr/bin/env bash
# Bring up the real OpenStack of lab/, run the cloud tests on it, take it down again.
#
#   tools/test-cloud.sh                      everything (about an hour on two cores)
#   tools/test-cloud.sh tests/lab/test_healthy.py -k …   what pytest is told
#   LAB_KEEP=1 tools/test-cloud.sh           leave the lab up, for hand work or the next run
#   STACKFSCK_SOAK_MINUTES=30                a longer soak (usual: 3)
set -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. tools/common.sh
log=build/test/cloud.log
mkdir -p build/test || die "$PWD/build/test cannot be written"
[ $# -gt 0 ] || set -- tests/lab

bash tools/venv.sh || die "setup failed, so nothing could be tested (see above)"
take_down() { [ -n "${LAB_KEEP:-}" ] || lab/lab down --vms; }
trap take_down EXIT
lab/lab up || die "the lab did not come up (its logs: ${LAB_HOME:-/var/tmp/openstack-lab}/log)"

.venv/bin/python -m pytest -q -m cloud -p no:cacheprovider --durations 10 "$@" </dev/null 2>&1 | tee "$log"
rc=${PIPESTATUS[0]}
# exit code 5 is "nothing collected", and a run in which all was deselected or skipped proves nothing
passed=$(grep -oE '[0-9]+ passed' "$log" | tail -n 1 | cut -d' ' -f1)
[ "${passed:-0}" -gt 0 ] || { warn "cloud: no test ran"; rc=1; }
closing=$(grep -E '(passed|failed|error|errors) in [0-9.]+s' "$log" | tail -n 1)
if [ "$rc" = 0 ]; then say "cloud: passed: $closing"; else warn "cloud: FAILED ($rc): $closing"; fi
exit "$rc"
