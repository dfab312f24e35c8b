# What the scripts here share; sourced, never run. Nothing in it needs a home, a terminal or a locale.

export LC_ALL=C.UTF-8 LANG=C.UTF-8
# A minimal PATH of a CI runner often lacks sbin, where daemons and dpkg's helpers live.
export PATH="${PATH:-/usr/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export DEBIAN_FRONTEND=noninteractive

say() { printf '── %s\n' "$*"; }
warn() { printf '!! %s\n' "$*" >&2; }
die() { warn "$@"; exit 1; }

# retry TIMES COMMAND…: for what goes over a network; waits longer each time.
retry() {
    local times=$1 try=1 rc
    shift
    while :; do
        "$@" && return 0
        rc=$?
        if [ "$try" -ge "$times" ]; then
            warn "gave up after $times tries (exit code $rc): $*"
            return "$rc"
        fi
        warn "try $try of $times failed (exit code $rc), again in $((try * 5)) s: $*"
        sleep $((try * 5))
        try=$((try + 1))
    done
}

# as_root COMMAND…: directly when we are root, with sudo when that asks nothing, else a clear message.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n env LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive PATH="$PATH" "$@"
    else
        warn "this needs root, and sudo wants a password or is missing: $*"
        warn "run it yourself as root, then start again"
        return 1
    fi
}

# A package manager that was killed half way refuses all work until it is told to finish.
finish_interrupted_dpkg() {
    if [ -n "$(ls /var/lib/dpkg/updates/ 2>/dev/null)" ] || [ -n "$(dpkg --audit 2>/dev/null)" ]; then
        say "finishing an interrupted dpkg"
        as_root dpkg --force-confdef --force-confold --configure -a </dev/null
    fi
}

apt() {
    as_root apt-get -q -y -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
        -o Dpkg::Use-Pty=0 "$@" </dev/null
}

# apt_install PACKAGE…: with the lists at hand first, since a refresh is slow and may hang on a
# foreign source; with fresh lists when that fails.
apt_install() {
    command -v apt-get >/dev/null || {
        warn "this system has no apt-get; install what matches: $*"
        return 1
    }
    finish_interrupted_dpkg || warn "dpkg could not be brought in order; trying all the same"
    if apt install --no-install-recommends "$@"; then return 0; fi
    say "refreshing the package lists"
    retry 4 apt update || warn "some lists could not be refreshed; trying with those at hand"
    retry 3 apt install --no-install-recommends "$@"
}
