#!/bin/bash
# The link between the hosts, MariaDB (two: the cell has its own), memcached, RabbitMQ, Open vSwitch, libvirt, ssh.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

link_between_hosts() {   # the cloud's address stands on one end of a veth pair, host 2 gets the other end
  ip link show lab0 > /dev/null 2>&1 || ip link add lab0 type veth peer name lab1
  ip -br addr show lab0 | grep -q "$LAB_IP/" || ip addr add "$LAB_IP/24" dev lab0
  ip link set lab0 up
  ip link show lab1 > /dev/null 2>&1 && ip link set lab1 up
  return 0
}
mariadb_server() { # NAME FOLDER PORT
  if [ ! -d "$2/mysql" ]; then
    mkdir -p "$2"; chown mysql: "$2"
    mariadb-install-db --no-defaults --user=mysql --datadir="$2" --auth-root-authentication-method=socket \
      > "$LOG/$1-install.log" 2>&1 || die "no database in $2, see $LOG/$1-install.log"
  fi
  start "$1" mariadbd --no-defaults --user=mysql --datadir="$2" --port="$3" --bind-address=127.0.0.1 \
    --socket="$2/mysqld.sock" --pid-file="$2/mysqld.pid" --max-connections=800 --innodb-buffer-pool-size=192M \
    --innodb-flush-log-at-trx-commit=2 --skip-log-bin --character-set-server=utf8mb3 --collation-server=utf8mb3_general_ci
}
rabbitmq() {
  local r=$VAR/rabbitmq as="setpriv --reuid rabbitmq --regid rabbitmq --clear-groups"
  mkdir -p "$r/log"
  start epmd $as epmd -address 127.0.0.1 -port 4369
  cat > "$ETC/rabbit.env" <<E
export HOME=$r RABBITMQ_NODENAME=lab@localhost RABBITMQ_MNESIA_BASE=$r/mnesia RABBITMQ_LOG_BASE=$r/log
export RABBITMQ_NODE_IP_ADDRESS=$LAB_IP RABBITMQ_NODE_PORT=5672 RABBITMQ_DIST_PORT=25672 ERL_EPMD_ADDRESS=127.0.0.1
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none"
export RABBITMQ_ENABLED_PLUGINS_FILE=$r/enabled_plugins RABBITMQ_CONFIG_FILE=$r/rabbitmq RABBITMQ_PID_FILE=$r/pid LANG=C.UTF-8
E
  printf 'loopback_users = none\ncluster_name = lab\n' > "$r/rabbitmq.conf"
  echo '[].' > "$r/enabled_plugins"
  chown -R rabbitmq: "$r"
  printf '#!/bin/bash\n. %s/rabbit.env\ncd $HOME\nexec %s /usr/lib/rabbitmq/bin/"$@"\n' "$ETC" "$as" > "$ETC/rabbit"
  chmod +x "$ETC/rabbit"
  start rabbitmq "$ETC/rabbit" rabbitmq-server
}
rabbitmq_user() {
  waitfor 90 rabbitmq "$ETC/rabbit" rabbitmqctl await_startup || return 1
  "$ETC/rabbit" rabbitmqctl -q list_users 2>/dev/null | grep -q '^openstack' && return 0
  "$ETC/rabbit" rabbitmqctl -q add_user openstack "$LAB_PASSWORD"
  "$ETC/rabbit" rabbitmqctl -q set_permissions openstack '.*' '.*' '.*'
}
ssh_keys() {   # nova copies disks between the hosts by ssh, and stackfsck reads host 2 by it
  local d=$LAB_HOME/ssh; mkdir -p "$d" /run/sshd
  [ -e "$d/id_ed25519" ] || ssh-keygen -q -t ed25519 -N '' -C stackfsck-lab -f "$d/id_ed25519"
  [ -e "$d/host_key" ] || ssh-keygen -q -t ed25519 -N '' -C stackfsck-lab-host -f "$d/host_key"
  cp "$d/id_ed25519.pub" "$d/authorized_keys"
  { printf '%s,%s,%s,%s ' "$LAB_IP" "$LAB_VM2_IP" "$LAB_HOST" "$LAB_HOST2"; cut -d' ' -f1,2 "$d/host_key.pub"; } > "$d/known_hosts"
  sed "s|@SSH@|$d|" "$LAB_DIR/etc/sshd_config.in" > "$ETC/sshd_config"
  chmod 600 "$d"/{id_ed25519,host_key}
  cat > /etc/ssh/ssh_config.d/stackfsck-lab.conf <<E
# written by lab/lib/infra.sh: how the lab's two hosts reach each other
Host $LAB_IP $LAB_VM2_IP
  User root
  IdentityFile $d/id_ed25519
  UserKnownHostsFile $d/known_hosts
  StrictHostKeyChecking yes
E
  start sshd /usr/sbin/sshd -D -e -f "$ETC/sshd_config" -o "ListenAddress=$LAB_IP"
}
name_hosts() {   # libvirt's migration asks for the other host by name
  grep -q '# stackfsck-lab$' /etc/hosts ||
    printf '%s %s-lab # stackfsck-lab\n%s %s # stackfsck-lab\n' "$LAB_IP" "$LAB_HOST" "$LAB_VM2_IP" "$LAB_HOST2" >> /etc/hosts
}

link_between_hosts && name_hosts
mariadb_server mariadb "$VAR/mysql" 3306
mariadb_server mariadb-cell1 "$VAR/mysql-cell1" 3307
start memcached memcached -u memcache -l "127.0.0.1,$LAB_IP" -p 11211 -m 64
rabbitmq
ssh_keys
. "$LAB_DIR/lib/hypervisor.sh"
switch "" && hypervisor "" || exit 1
waitfor 60 mariadb sql -e 'select 1' && waitfor 60 mariadb-cell1 sql_cell1 -e 'select 1' && rabbitmq_user || exit 1
say "infrastructure up"
