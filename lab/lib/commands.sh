# What the dispatcher can do. Sourced by lab/lab after common.sh.
part() { bash "$LAB_DIR/lib/$1.sh" "${@:2}"; }

lab_install() { part preflight && part install; }
lab_up() {
  part preflight || exit 1
  [ -e "$VENV/.done" ] || part install || exit 1
  local begin=$SECONDS
  mkdir -p "$RUN" "$LOG" "$ETC" "$VAR"
  exec 9> "$RUN/lock"; flock -w 600 9 || die "another lab/lab up or down is running"
  { part infra && part ceph && part guest && part configure && part control && part compute; } 9>&- || exit 1
  [ "${1:-}" = --one-host ] || part vm2 up 9>&- || exit 1
  part ready 9>&- || exit 1
  say "cloud up in $((SECONDS - begin)) s"
}
lab_down() { part down "$@"; }
lab_smoke() { part smoke "$@"; }
lab_dump() { part dump "$@"; }
lab_on() { part vm2 exec "${@:2}"; }
lab_stop() { stop "$1"; }
lab_start() { lab_up > /dev/null; lab_status | grep -w "$1"; }   # up starts whatever does not run
lab_env() {
  [ -e "$LAB_HOME/openrc" ] || die "no cloud in $LAB_HOME yet: run lab/lab up"
  cat "$LAB_HOME/openrc"
  printf 'export LAB_HOME=%q\n' "$LAB_HOME"
}
lab_status() {
  local name bad=0
  [ -s "$RUN/order" ] || die "nothing was started in $LAB_HOME"
  for name in $(awk '!seen[$0]++' "$RUN/order"); do
    if alive "$name"; then printf '%-28s running  %s\n' "$name" "$(pid_of "$name")"
    else printf '%-28s STOPPED  log: %s\n' "$name" "$LOG/$name.log"; bad=1; fi
  done
  return $bad
}
