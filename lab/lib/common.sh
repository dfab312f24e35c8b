# Shared by every part of the lab: settings, processes, waiting. Sourced, never run.
LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export LAB_DIR
export LAB_HOME=${LAB_HOME:-/var/tmp/openstack-lab}
export LAB_PASSWORD=${LAB_PASSWORD:-labpw}
export LAB_IP=${LAB_IP:-10.88.0.1}            # every service of the cloud, and compute host 1
export LAB_VM2_IP=${LAB_VM2_IP:-10.88.0.2}    # compute host 2, in a network namespace of its own
export LAB_HOST=${LAB_HOST:-$(hostname)}
export LAB_HOST2=${LAB_HOST2:-vm2}
export LAB_VIRT=${LAB_VIRT:-qemu}
VENV=$LAB_HOME/venv RUN=$LAB_HOME/run LOG=$LAB_HOME/log ETC=$LAB_HOME/etc VAR=$LAB_HOME/var
export VENV RUN LOG ETC VAR
export PATH=$VENV/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=${HOME:-/root}   # continuous integration may run without one
unset PYTHONPATH PYENV_VERSION VIRTUAL_ENV http_proxy https_proxy HTTP_PROXY HTTPS_PROXY
export LC_ALL=C.UTF-8 PYTHONWARNINGS=ignore
umask 022

say() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*"; }
die() { printf 'lab: %s\n' "$*" >&2; exit 1; }

started_at() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# A process is known by its number and its start time: a number alone may have been given away again.
alive() { # NAME
  local pid born
  [ -s "$RUN/$1.pid" ] || return 1
  read -r pid born < "$RUN/$1.pid"
  [ -n "$born" ] && [ "$(started_at "$pid")" = "$born" ]
}
pid_of() { cut -d' ' -f1 "$RUN/$1.pid"; }
record() { # NAME PID
  echo "$2 $(started_at "$2")" > "$RUN/$1.pid"
  echo "$1" >> "$RUN/order"
  say "started $1 (pid $2)"
}
# Each service leads a session of its own, so that its workers can be found again.
start() { # NAME COMMAND...
  local name=$1; shift
  alive "$name" && return 0
  setsid nohup "$@" >> "$LOG/$name.log" 2>&1 < /dev/null &
  record "$name" $!
}
stop() { # NAME [SECONDS]
  local name=$1 seconds=${2:-20} pid i
  alive "$name" || { rm -f "$RUN/$name.pid"; return 0; }
  pid=$(pid_of "$name")
  kill -TERM "$pid" 2>/dev/null
  for ((i = 0; i < seconds * 5; i++)); do alive "$name" || break; sleep .2; done
  alive "$name" && kill -KILL -- "-$pid" 2>/dev/null
  ps -o pid= -s "$pid" 2>/dev/null | xargs -r kill -TERM 2>/dev/null   # workers left in its session
  rm -f "$RUN/$name.pid"
  say "stopped $name"
}
waitfor() { # SECONDS WHAT COMMAND...
  local end=$((SECONDS + $1)) what=$2; shift 2
  until "$@" > /dev/null 2>&1; do
    [ "$SECONDS" -ge "$end" ] && { say "waited too long for $what (logs: $LOG)"; return 1; }
    sleep .5
  done
}
once() { # NAME COMMAND...   runs it until it succeeded one time
  local name=$1; shift
  [ -e "$VAR/once.$name" ] && return 0
  "$@" > "$LOG/once-$name.log" 2>&1 || die "$name failed, see $LOG/once-$name.log"
  touch "$VAR/once.$name"; say "done $name"
}
sql() { mariadb -S "$VAR/mysql/mysqld.sock" -uroot "$@"; }
sql_cell1() { mariadb -S "$VAR/mysql-cell1/mysqld.sock" -uroot "$@"; }
