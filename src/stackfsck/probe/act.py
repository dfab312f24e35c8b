#!/usr/bin/env python3
"""Do one guarded thing on a compute host: look, compare with what was seen, act, look again.

Sent over ssh on standard input, so it is one file and needs nothing but Python 3.6 and its
standard library. The request is a JSON object: by hand the one argument
(``python3 -I -B act.py REQUEST``); what stackfsck sends begins with a line ``REQUEST = '…'``,
because command lines can be read by every user of a host and images of domains hold secrets.

* ``kind``, ``verb``: which act, see `ACTS`; anything else is refused,
* ``want``: ``look``, ``do``, ``state`` (was it done?) or ``undo``,
* ``subject``: what it is about: names and UUIDs, each checked before it is used,
* ``seen``: the image that an earlier look gave; for all but ``look``,
* ``run``: the name of the run, below which things are put aside,
* ``machine``: the id of the machine that is meant; another one refuses,
* ``parameters``: where the tools are, see `DEFAULTS`.

One JSON line answers: ``{"image": …, "is_after": …}`` (null: there is no such thing),
``{"done": …}`` with the image afterwards, ``{"state": "before" | "after" | "other"}``,
``{"moved": …}`` with the image that was found instead, ``{"refused": reason}`` when nothing was
done, or ``{"failed": reason}`` when it was tried.

No shell is ever used. Nothing that holds data is deleted, except what is purged from quarantine:
directories and files are moved aside on their own file system, images into Ceph's trash.
"""
# ruff: noqa: ANN401  what tools print is JSON of any shape
# ruff: noqa: ARG001  every act has the same form
# ruff: noqa: EM103  a reason is made where it is given

import contextlib
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

Row = Dict[str, Any]
Image = Optional[Row]

DEFAULTS = {
    "command_seconds": 60,  # for each command that is run here
    "total_seconds": 300,  # for everything; then nothing more is begun
    "libvirt_uri": "qemu:///system",
    "libvirt_prefix": None,  # argv put before virsh; null: found, [] none
    "vswitch_prefix": None,  # argv put before ovs-vsctl; null: found, [] none
    "vswitch_db": None,  # ovs-vsctl --db
    "ceph_prefix": [],
    "ceph_arguments": [],  # such as --id cinder
    "root": "",  # where /proc, /sys and /etc are
}  # type: Row

QUARANTINE = ".stackfsck-quarantine"
"""The folder beside what is moved there: never another file system, nothing is copied."""

# Where a service runs in a container under a name that its deployment tool always uses.
CONTAINERS = {
    "libvirt": (
        ("docker", "exec", "nova_libvirt"),
        ("podman", "exec", "nova_libvirt"),
        ("podman", "exec", "nova_virtqemud"),
    ),
    "vswitch": (("docker", "exec", "openvswitch_db"), ("podman", "exec", "openvswitch_db")),
}  # type: Dict[str, Tuple[Tuple[str, ...], ...]]
ENGINES = ("docker", "podman", "kubectl")
NODES = ("/etc/iscsi/nodes", "/var/lib/iscsi/nodes")
FILE_FOLDERS = {
    "nvram": "/qemu/nvram",
    "save": "/qemu/save",
    "snapshot": "/qemu/snapshot",
    "swtpm": "/swtpm",
}
DOMAINS_AT_ONCE = 100
WATCHER_TRIES, WATCHER_SECONDS = 5, 8  # a watcher stays for half a minute after its client died
TRASH_FOR = "30 days"  # how long a purge of Ceph's trash leaves an image alone
SHORTEST_PATH = 2  # folders of the shortest instances path that is believed
IFF_UP = 0x1
TAP_MULTI_QUEUE = 0x100
ADDRESS_SET = "3"  # NET_ADDR_SET of linux/netdevice.h

UUID_TEXT = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
UUID = re.compile(UUID_TEXT + r"\Z")
DIRECTORY = re.compile(UUID_TEXT + r"(_resize|_del)?\Z")
DEVICE = re.compile(r"(tap|qvo|qvb|qbr)[0-9a-f]{8}-[0-9a-f]{2}\Z")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z")
IQN = re.compile(r"(iqn|eui|naa)\.[A-Za-z0-9.:_-]{1,220}\Z")
PORTAL = re.compile(r"(\[[0-9a-f:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}\Z")
IMAGE = re.compile(r"(volume-)?" + UUID_TEXT + r"(_[a-z0-9.]+)?\Z")
MAPPED = re.compile(r"/dev/rbd[0-9]{1,6}\Z")
SHARE = re.compile(r"/[A-Za-z0-9._/-]{1,200}/mnt/[0-9a-f]{32}\Z")
RUN = re.compile(r"[0-9a-z-]{1,40}\Z")
PATH = re.compile(r"/[^\x00-\x1f]{1,1000}\Z")
FILES = {
    "nvram": re.compile(r"instance-[0-9a-f]{8}_VARS(\.\w{1,8})?\Z"),
    "save": re.compile(r"instance-[0-9a-f]{8}\.save\Z"),
    "snapshot": re.compile(r"instance-[0-9a-f]{8}\Z"),
    "swtpm": UUID,
}
QEMU = re.compile(r"(qemu-system-[a-z0-9_]+|qemu-kvm|kvm|libvirtd|virtqemud)\Z")


class Refused(Exception):
    """Nothing was done, and the message says why."""


class Failed(Exception):
    """A command did not do what it should."""


class Absent(Exception):
    """A tool is not on this host."""


# ── this host and its tools ──────────────────────────────────────────────────────────────────


class Host:
    """This host and its tools."""

    def __init__(self, parameters: Row, run: str = "") -> None:
        unknown = set(parameters) - set(DEFAULTS)
        if unknown:
            raise Refused("unknown parameters: " + ", ".join(sorted(unknown)))
        self.parameters = dict(DEFAULTS, **parameters)
        self.root = str(self.parameters["root"]).rstrip("/")
        self.run_name = run
        self.prefixes = {}  # type: Dict[str, List[str]]

    def path(self, path: str) -> str:
        """Return where a file of this host is found by this process."""
        return self.root + path

    def value(self, path: str) -> str:
        """Return the one value of a file in /sys or /proc, "" when it cannot be read."""
        try:
            with open(self.path(path), encoding="utf-8", errors="replace") as file:
                return file.read(1 << 16).strip()
        except OSError:
            return ""

    def names(self, path: str) -> List[str]:
        """Return the sorted names in a folder, none when it does not exist."""
        try:
            return sorted(os.listdir(self.path(path)))
        except FileNotFoundError:
            return []

    def virsh(self, *words: str, **more: str) -> str:
        """Run virsh on this host's libvirt; `given` is what it reads."""
        uri = str(self.parameters["libvirt_uri"])
        argv = [*self.tool("virsh", "libvirt"), "-q", "-c", uri, *words]
        return self.run(argv, more.get("given", ""))

    def vsctl(self, *words: str) -> str:
        """Run ovs-vsctl on this host's database."""
        database = self.parameters["vswitch_db"]
        where = ["--db=" + str(database)] if database else []
        # Without waiting for ovs-vswitchd: the database is the truth, the daemon follows.
        options = ["--timeout=30", "--no-wait", *where]
        return self.run([*self.tool("ovs-vsctl", "vswitch"), *options, *words])

    def rbd(self, *words: str) -> str:
        """Run rbd with the arguments of this site."""
        prefix = [str(word) for word in self.parameters["ceph_prefix"]]
        return self.run([*prefix, "rbd", *map(str, self.parameters["ceph_arguments"]), *words])

    def tool(self, name: str, service: str) -> List[str]:
        """Return the argv with which a tool is called here; raises Absent."""
        if service not in self.prefixes:
            self.prefixes[service] = self._prefix(name, service)
        prefix = self.prefixes[service]
        return [*prefix, "env", "LC_ALL=C", name] if prefix else [name]

    def _prefix(self, name: str, service: str) -> List[str]:
        configured = self.parameters[service + "_prefix"]
        if configured:
            return [str(word) for word in configured]
        if found(name):
            return []
        for container in CONTAINERS[service] if configured is None else ():
            if found(container[0]) and self._answers([*container, name, "--version"]):
                return list(container)
        raise Absent(name + " is not on this host")

    def _answers(self, argv: List[str]) -> bool:
        try:
            self.run(argv)
        except Failed:
            return False
        return True

    def run(self, argv: List[str], given: str = "") -> str:
        """Run a command and return what it printed; raises Failed."""
        if given and argv[0] in ENGINES and argv[1] == "exec" and "-i" not in argv[:4]:
            argv = [*argv[:2], "-i", *argv[2:]]
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment(),
                start_new_session=True,
            )
        except OSError as error:
            raise Failed(f"{argv[0]}: {error.strerror}") from error
        try:
            limit = float(self.parameters["command_seconds"])
            output, problems = process.communicate(given.encode("utf-8"), timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise Failed(f"{argv[0]} gave no answer within {limit:g} s") from None
        if process.returncode != 0:
            said = " ".join(problems.decode("utf-8", "replace").split())[:300]
            raise Failed(f"{argv[0]} ended with {process.returncode}: {said}")
        return output.decode("utf-8", "backslashreplace")


def environment() -> Dict[str, str]:
    """Return what commands see: plain C messages, and the folders of system tools."""
    own = [folder for folder in os.environ.get("PATH", "").split(":") if folder.startswith("/")]
    system = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"]
    return {
        "PATH": ":".join(own + system),
        "LC_ALL": "C",
        "HOME": os.environ.get("HOME", "/"),
    }


def found(name: str) -> bool:
    """Whether a program of this name can be run on this host."""
    folders = environment()["PATH"].split(":")
    return any(os.access(os.path.join(folder, name), os.X_OK) for folder in folders)


def word(subject: Row, name: str, form: Any) -> str:
    """Return one word of the subject; raises Refused unless it has its form."""
    value = subject.get(name)
    if not isinstance(value, str) or not form.match(value):
        raise Refused(f"{name} is not what it should be: {value!r}")
    return value


# ── who uses it? ─────────────────────────────────────────────────────────────────────────────


def mentioned(host: Host, words: List[str], but: str = "") -> None:
    """Raise Refused when the definition of any domain of this host holds one of these words.

    `but` is a domain that may, if it is shut off: the one that is being removed.
    """
    try:
        uuids = host.virsh("list", "--all", "--uuid").split()
    except Absent:
        if runs_guests(host):
            raise Refused("guests run here but no virsh was found: set libvirt_prefix") from None
        return
    if but in uuids and host.virsh("domstate", but).strip() == "shut off":
        uuids.remove(but)
    for start in range(0, len(uuids), DOMAINS_AT_ONCE):
        some = [uuid for uuid in uuids[start : start + DOMAINS_AT_ONCE] if UUID.match(uuid)]
        # A domain may go meanwhile: the last command decides how virsh ends.
        script = "; ".join(f"dumpxml {uuid}; dumpxml --inactive {uuid}" for uuid in some)
        printed = host.virsh(script + "; echo end")
        for each in words:
            if each in printed:
                raise Refused(f"a domain of this host uses {each}")


def runs_guests(host: Host) -> bool:
    """Whether any process here is qemu or libvirt."""
    for pid in pids(host):
        program = host.value(f"/proc/{pid}/cmdline").split("\0")[0]
        if QEMU.match(os.path.basename(program)):
            return True
    return False


def pids(host: Host) -> List[str]:
    """Return the ids of all processes."""
    return [name for name in host.names("/proc") if name.isdigit()]


def open_files(host: Host) -> Iterator[Tuple[str, str]]:
    """Yield process id and path in /proc of every open file, of every process of the host.

    Raises Refused for a user who may not see them all.
    """
    if os.geteuid() != 0:
        raise Refused("only root sees which files are open: log in as root, or use sudo")
    for pid in pids(host):
        folder = f"/proc/{pid}/fd"
        try:
            names = host.names(folder)
        except OSError:
            continue  # it ended
        for name in names:
            yield pid, host.path(f"{folder}/{name}")


def refuse_open_below(host: Host, path: str) -> None:
    """Raise Refused when a process has a file below a path open, or something is mounted there.

    Files are known by device and inode: a guest in a container calls them by other names.
    """
    inside = set()
    for folder, _, files in os.walk(path):
        for name in [".", *files]:
            status = os.lstat(os.path.join(folder, name))
            inside.add((status.st_dev, status.st_ino))
    if not os.path.isdir(path):
        status = os.lstat(path)
        inside.add((status.st_dev, status.st_ino))
    for pid, file in open_files(host):
        try:
            status = os.stat(file)
        except OSError:
            continue
        if (status.st_dev, status.st_ino) in inside:
            raise Refused(f"process {pid} has a file of {path} open")
    for mount in mounts(host):
        if mount["target"] == path or mount["target"].startswith(path + "/"):
            raise Refused("something is mounted on {}".format(mount["target"]))


def mounts(host: Host) -> List[Row]:
    """Return the mounts of this host (proc(5), mountinfo)."""
    rows = []
    with open(host.path("/proc/self/mountinfo"), encoding="utf-8", errors="replace") as file:
        for line in file:
            left, _, right = line.rstrip("\n").partition(" - ")
            head, tail = left.split(" "), right.split(" ")
            rows.append(
                {
                    "device": head[2],
                    "target": unescaped(head[4]),
                    "type": tail[0],
                    "source": unescaped(tail[1]),
                    "options": "".join(tail[2:3]),
                }
            )
    return rows


def unescaped(value: str) -> str:
    r"""Return a word of mountinfo with its octal escapes (``\040`` for a space) resolved."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), value)


def refuse_used_device(host: Host, block: str, allowed: Tuple[str, ...] = ()) -> None:
    """Raise Refused when a disk is held by another device, mounted, or open.

    `allowed` are holders that go first: the multipath map above a path.
    """
    numbers = {}
    for part in [block, *[n for n in host.names("/sys/block/" + block) if n.startswith(block)]]:
        base = "/sys/block/" + (part if part == block else block + "/" + part)
        numbers[host.value(base + "/dev")] = part
        for holder in host.names(base + "/holders"):
            if holder not in allowed:
                raise Refused(f"{part} is held by {holder}")
    for mount in mounts(host):
        if mount["device"] in numbers:
            raise Refused("{} is mounted on {}".format(block, mount["target"]))
    for pid, file in open_files(host):
        try:
            status = os.stat(file)
        except OSError:
            continue
        number = f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
        if stat.S_ISBLK(status.st_mode) and number in numbers:
            raise Refused(f"process {pid} has {numbers[number]} open")


# ── domains ──────────────────────────────────────────────────────────────────────────────────


def look_domain(host: Host, subject: Row) -> Image:
    """See a domain by its UUID: names are given anew, UUIDs are not."""
    uuid = word(subject, "uuid", UUID)
    if uuid not in host.virsh("list", "--all", "--uuid").split():
        return None
    details = pairs(host.virsh("dominfo", uuid))
    persistent = details.get("Persistent") == "yes"
    inactive = ["--inactive"] if persistent else []
    return {
        "uuid": uuid,
        "name": details.get("Name", ""),
        "state": details.get("State", ""),
        "persistent": persistent,
        "autostart": details.get("Autostart") == "enable",
        "saved": details.get("Managed save", "no") == "yes",
        "snapshots": len(host.virsh("snapshot-list", "--name", uuid).split()),
        "xml": host.virsh("dumpxml", "--security-info", *[*inactive, uuid]),
    }


def pairs(printed: str) -> Dict[str, str]:
    """Return names and values of lines such as ``State:  running``."""
    parts = [line.partition(":") for line in printed.splitlines()]
    return {name.strip(): what.strip() for name, _, what in parts}


def is_off(image: Image) -> bool:
    """Whether a guest runs no more."""
    return image is None or image["state"] == "shut off"


def stop_domain(host: Host, subject: Row, image: Row) -> None:
    """Pull the plug of a guest whose UUID is verified, unless it is being moved."""
    job = pairs(host.virsh("domjobinfo", image["uuid"])).get("Job type", "None")
    if job != "None":
        raise Refused(f"the domain is busy with a job ({job}): it may be a migration")
    if not image["persistent"]:
        raise_unless_definable(image["xml"], image["uuid"])
    host.virsh("destroy", image["uuid"])


def start_domain(host: Host, subject: Row, image: Row) -> None:
    """Start a guest again that was stopped; what was only in its memory is lost."""
    paused = ["--paused"] if image["state"] == "paused" else []
    if image["persistent"]:
        host.virsh("start", image["uuid"], *paused)
    else:
        raise_unless_definable(image["xml"], image["uuid"])
        host.virsh("create", "/dev/stdin", *paused, given=image["xml"])


def undefine_domain(host: Host, subject: Row, image: Row) -> None:
    """Take a stopped domain out of libvirt; its firmware's variables and its TPM stay."""
    if image["state"] != "shut off":
        raise Refused("the domain is {}: it has to be stopped first".format(image["state"]))
    if image["saved"]:
        raise Refused("the domain has a managed save: that is the memory of a suspended VM")
    if image["snapshots"]:
        raise Refused("the domain has snapshots, which an undefine would forget")
    raise_unless_definable(image["xml"], image["uuid"])
    keep = ["--keep-nvram"] if "<nvram" in image["xml"] else []
    keep += ["--keep-tpm"] if "<tpm" in image["xml"] else []  # before libvirt 8.9: fails, rightly
    host.virsh("undefine", image["uuid"], *keep)


def raise_unless_definable(xml: str, uuid: str) -> None:
    """Raise Refused when what was dumped is not a domain that could be defined again."""
    try:
        if "<!DOCTYPE" in xml or "<!ENTITY" in xml:
            raise Refused("the domain's XML declares entities")
        root = ET.fromstring(xml.strip())  # noqa: S314  no DTD gets here
    except ET.ParseError as error:
        raise Refused(f"the domain's XML is broken: {error}") from error
    if root.tag != "domain" or root.findtext("uuid") != uuid:
        raise Refused("the domain's XML is of another domain")


def define_domain(host: Host, subject: Row, image: Row) -> None:
    """Define a domain again as it was."""
    raise_unless_definable(image["xml"], image["uuid"])
    host.virsh("define", "/dev/stdin", given=image["xml"])
    if image["autostart"]:
        host.virsh("autostart", image["uuid"])


# ── switches and links ───────────────────────────────────────────────────────────────────────

PORT_COLUMNS = ("tag", "trunks", "vlan_mode", "external_ids", "other_config")
INTERFACE_COLUMNS = ("type", "external_ids", "options", "other_config", "mtu_request")


def look_port(host: Host, subject: Row) -> Image:
    """See one port of Open vSwitch with its interface."""
    name = word(subject, "port", NAME)
    found_ports = table(host.vsctl("--format=json", "find", "Port", "name=" + quoted(name)))
    if not found_ports:
        return None
    port = found_ports[0]
    interfaces = [
        row
        for row in table(host.vsctl("--format=json", "list", "Interface"))
        if row["_uuid"] in members(port["interfaces"])
    ]
    return {
        "port": name,
        "bridge": host.vsctl("port-to-br", name).strip(),
        "interfaces": sorted(str(row["name"]) for row in interfaces),
        "columns": {column: port.get(column) for column in PORT_COLUMNS},
        "interface": {column: interfaces[0].get(column) for column in INTERFACE_COLUMNS},
        "is_mirrored": bool(port.get("bond_mode")) or bool(members(port.get("qos") or [])),
    }


def table(printed: str) -> List[Row]:
    """Return the rows of what ovs-vsctl printed as JSON."""
    found_rows = json.loads(printed) if printed.strip() else {"headings": [], "data": []}
    return [
        {name: plain(value) for name, value in zip(found_rows["headings"], row)}  # noqa: B905  3.6
        for row in found_rows["data"]
    ]


def plain(value: Any) -> Any:
    """Return a value of OVSDB's JSON (RFC 7047, 5.1): set as list, map as dict, UUID as text."""
    if isinstance(value, list):
        kind, content = value
        if kind == "map":
            return {str(key): str(item) for key, item in content}
        if kind == "set":
            return sorted(plain(item) for item in content)
        return content
    return value


def members(value: Any) -> List[Any]:
    """Return a set's members; a set of one is written as the bare value."""
    return value if isinstance(value, list) else [value]


def port_words(image: Row) -> List[str]:
    """Return how a domain would name the port: its device, or the port's id in neutron."""
    name = image["port"]
    ids = image["interface"]["external_ids"] or {}
    return [name[3:] if DEVICE.match(name) else name, *filter(None, [ids.get("iface-id")])]


def delete_port(host: Host, subject: Row, image: Row) -> None:
    """Take a port off its bridge, unless a domain of this host names it."""
    if image["interfaces"] != [image["port"]]:
        raise Refused("the port is a bond of {}".format(", ".join(image["interfaces"])))
    if image["interface"]["type"] in ("patch", "vxlan", "gre", "geneve", "stt"):
        raise Refused("the port is a {}".format(image["interface"]["type"]))
    if image["is_mirrored"]:
        raise Refused("the port is bonded or shaped by a QoS row, which would be lost")
    mentioned(host, port_words(image))
    host.vsctl("del-port", image["bridge"], image["port"])


def add_port(host: Host, subject: Row, image: Row) -> None:
    """Put a port back with its tag and what it says of its VM, in one transaction."""
    name = word(image, "port", NAME)
    words = ["add-port", word(image, "bridge", NAME), name]
    words += settings("Port", name, image["columns"])
    words += settings("Interface", name, image["interface"])
    host.vsctl(*words)


def settings(kind: str, name: str, columns: Row) -> List[str]:
    """Return what sets the columns that held something."""
    words = []
    for column, value in sorted(columns.items()):
        if isinstance(value, dict):
            words += [f"{column}:{quoted(key)}={quoted(item)}" for key, item in value.items()]
        elif isinstance(value, list):
            words += ["{}={}".format(column, ",".join(map(str, value)))] if value else []
        elif isinstance(value, str) and value:
            words.append(f"{column}={quoted(value)}")
        elif isinstance(value, int):
            words.append(f"{column}={value:d}")
    return ["--", "set", kind, name, *words] if words else []


def quoted(value: str) -> str:
    """Write a string as OVSDB reads it."""
    return json.dumps(str(value))


def look_link(host: Host, subject: Row) -> Image:
    """See one device of a VM's port: only tap, qvo, qvb and qbr are ever touched."""
    return link(host, word(subject, "name", DEVICE))


def link(host: Host, name: str, near: str = "") -> Image:
    """Return a device as it can be made again; a veth with its other end, unless that is `near`."""
    base = "/sys/class/net/" + name
    if not os.path.isdir(host.path(base)):
        return None
    master = host.path(base + "/master")
    tun_flags = host.value(base + "/tun_flags")
    image = {
        "name": name,
        "kind": link_kind(host, base),
        "mac": mac_of(host, base),
        "mtu": host.value(base + "/mtu"),
        "is_up": bool(int(host.value(base + "/flags") or "0", 16) & IFF_UP),
        "many_queues": bool(int(tun_flags or "0", 16) & TAP_MULTI_QUEUE),
        "master": os.path.basename(os.readlink(master)) if os.path.islink(master) else "",
        "members": host.names(base + "/brif"),
        "peer": None,
    }  # type: Row
    if not near and image["kind"] == "veth":
        image["peer"] = link(host, other_end(host, base), name)
    return image


def mac_of(host: Host, base: str) -> str:
    """Return a device's address, "" for a bridge that takes that of its members."""
    own = host.value(base + "/addr_assign_type") == ADDRESS_SET
    is_bridge = os.path.isdir(host.path(base + "/bridge"))
    return "" if is_bridge and not own else host.value(base + "/address")


def link_kind(host: Host, base: str) -> str:
    """Return bridge, tap, veth, or "" for what is left alone."""
    if os.path.isdir(host.path(base + "/bridge")):
        return "bridge"
    if host.value(base + "/tun_flags"):
        return "tap"
    paired = host.value(base + "/iflink") != host.value(base + "/ifindex")
    return "veth" if paired and not os.path.exists(host.path(base + "/device")) else ""


def other_end(host: Host, base: str) -> str:
    """Return the name of a veth's other end; raises Refused when it is in another namespace."""
    index, wanted = host.value(base + "/ifindex"), host.value(base + "/iflink")
    for name in host.names("/sys/class/net"):
        there = "/sys/class/net/" + name
        if host.value(there + "/ifindex") == wanted and host.value(there + "/iflink") == index:
            return name
    raise Refused("the other end of {} is in another namespace".format(os.path.basename(base)))


def delete_link(host: Host, subject: Row, image: Row) -> None:
    """Remove a device that no guest holds and into which nothing is plugged."""
    name = image["name"]
    if not image["kind"]:
        raise Refused(f"{name} is no tap, veth or bridge")
    if image["members"]:
        raise Refused("{} is plugged into it".format(", ".join(image["members"])))
    peer = image["peer"]
    if peer and (not DEVICE.match(peer["name"]) or peer["name"][3:] != name[3:]):
        raise Refused("its other end is {}, which is not a VM's".format(peer["name"]))
    if image["kind"] == "tap":
        refuse_held_tap(host, name)
    mentioned(host, [name[3:]])
    host.run(["ip", "link", "delete", "dev", name])


def refuse_held_tap(host: Host, name: str) -> None:
    """Raise Refused when a process holds a tap, running guest or not (``iff`` of proc(5))."""
    for pid, file in open_files(host):
        try:
            if os.readlink(file) != "/dev/net/tun":
                continue
        except OSError:
            continue
        details = host.value("/proc/{}/fdinfo/{}".format(pid, os.path.basename(file)))
        if name in details.split():
            raise Refused(f"process {pid} holds {name}")


def add_link(host: Host, subject: Row, image: Row) -> None:
    """Make a device again, and plug it in where it was."""
    name = word(image, "name", DEVICE)
    if image["kind"] == "bridge":
        host.run(["ip", "link", "add", "name", name, "type", "bridge"])
    elif image["kind"] == "tap":
        queues = ["multi_queue"] if image["many_queues"] else []
        host.run(["ip", "tuntap", "add", "dev", name, "mode", "tap", *queues])
    else:
        peer = word(image["peer"], "name", DEVICE)
        host.run(["ip", "link", "add", "name", name, "type", "veth", "peer", "name", peer])
        dress_link(host, image["peer"])
    dress_link(host, image)


def dress_link(host: Host, image: Row) -> None:
    """Give a device its address, size, bridge and state again."""
    change = ["ip", "link", "set", "dev", word(image, "name", DEVICE)]
    host.run([*change, "mtu", str(int(image["mtu"]))])
    if image["mac"]:
        host.run([*change, "address", str(image["mac"])])
    if image["master"] and os.path.isdir(
        host.path("/sys/class/net/{}/bridge".format(image["master"]))
    ):
        host.run([*change, "master", word(image, "master", NAME)])
    if image["is_up"]:
        host.run([*change, "up"])


# ── directories and files ────────────────────────────────────────────────────────────────────


def look_directory(host: Host, subject: Row) -> Image:
    """See a directory of an instance, which must lie right below the instances path."""
    name, parent = word(subject, "name", DIRECTORY), instances_path(subject)
    return look_at(parent, name)


def look_file(host: Host, subject: Row) -> Image:
    """See a file (or folder) that libvirt keeps for one domain, in libvirt's own folder."""
    parent, name = place_of_file(subject)
    return look_at(parent, name)


def instances_path(subject: Row) -> str:
    """Return the real path of the instances; raises Refused when it cannot be one."""
    path = word(subject, "instances_path", PATH)
    real = os.path.realpath(path)
    if real.count("/") < SHORTEST_PATH or not os.path.isdir(real):
        raise Refused(f"{path} cannot be an instances path")
    return real


def place_of_file(subject: Row) -> Tuple[str, str]:
    """Return folder and name of a file of libvirt; raises Refused unless it fits its kind."""
    kind, path = str(subject.get("kind")), word(subject, "path", PATH)
    name = os.path.basename(path)
    if kind not in FILES or not FILES[kind].match(name):
        raise Refused(f"{path} is not a {kind} of a nova domain")
    real = os.path.realpath(os.path.dirname(path))
    if not real.endswith(FILE_FOLDERS[kind]) or not os.path.isdir(real):
        raise Refused(f"{path} does not lie in libvirt's folder of {kind}")
    return real, name


def look_at(parent: str, name: str) -> Image:
    """Return what a directory or file is, None when it is not there; never follows a link."""
    path = os.path.join(parent, name)
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return None
    if not (stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode)):
        raise Refused(f"{path} is neither a directory nor a file")
    files, newest = tree_of(path)
    return {
        "path": path,
        "inode": status.st_ino,
        "is_directory": stat.S_ISDIR(status.st_mode),
        "files": files,
        "newest": newest,
    }


def tree_of(path: str) -> Tuple[int, int]:
    """Return how many files a directory holds and when the newest changed, in seconds."""
    count, newest = 0, int(os.lstat(path).st_mtime)
    for folder, _, files in os.walk(path):
        for name in files:
            count += 1
            newest = max(newest, int(os.lstat(os.path.join(folder, name)).st_mtime))
    return count, newest


def quarantine_directory(host: Host, subject: Row, image: Row) -> None:
    """Move a directory aside that no domain names and no process has open."""
    name = word(subject, "name", DIRECTORY)
    mentioned(host, ["/" + name + "/"])
    if UUID.match(name) and name in host.virsh("list", "--all", "--uuid").split():
        raise Refused("libvirt has the domain of this directory")
    quarantine(host, instances_path(subject), name, image)


def quarantine_file(host: Host, subject: Row, image: Row) -> None:
    """Move a file of libvirt aside that belongs to no domain of this host."""
    parent, name = place_of_file(subject)
    mentioned(host, ["/" + name])
    domain = re.split(r"_VARS|\.save", name)[0]
    known = host.virsh("list", "--all", "--name").split()
    known += host.virsh("list", "--all", "--uuid").split()
    if domain in known:
        raise Refused(f"libvirt has the domain {domain}")
    quarantine(host, parent, name, image)


def quarantine(host: Host, parent: str, name: str, image: Row) -> None:
    """Move something aside on its own file system: nothing is copied, nothing is lost.

    Folders are held open, not named again: nobody can put a link in their place meanwhile.
    """
    refuse_open_below(host, image["path"])
    with Folder(parent) as home, home.below(QUARANTINE) as hold, hold.below(host.run_name) as aside:
        if aside.has(name):
            raise Refused(f"{name} of this run is in quarantine already")
        os.rename(name, name, src_dir_fd=home.handle, dst_dir_fd=aside.handle)


def restore_directory(host: Host, subject: Row, image: Row) -> None:
    """Move a directory back to where it was."""
    restore(host, instances_path(subject), word(subject, "name", DIRECTORY))


def restore_file(host: Host, subject: Row, image: Row) -> None:
    """Move a file back to where it was."""
    parent, name = place_of_file(subject)
    restore(host, parent, name)


def restore(host: Host, parent: str, name: str) -> None:
    """Move something out of quarantine; the folders go when they are empty."""
    with Folder(parent) as home:
        with home.below(QUARANTINE) as hold:
            with hold.below(host.run_name) as aside:
                if not aside.has(name):
                    raise Failed(f"{name} is no longer in quarantine")
                os.rename(name, name, src_dir_fd=aside.handle, dst_dir_fd=home.handle)
            hold.drop(host.run_name)
        home.drop(QUARANTINE)


def look_quarantined(host: Host, subject: Row) -> Image:
    """See what a run has put aside."""
    parent, name = quarantine_place(subject)
    for folder in (QUARANTINE, host.run_name):
        parent = os.path.join(parent, folder)
        if os.path.islink(parent):
            raise Refused(f"{parent} is a link")
    return look_at(parent, name)


def quarantine_place(subject: Row) -> Tuple[str, str]:
    """Return the folder that something came from, and its name."""
    if "instances_path" in subject:
        return instances_path(subject), word(subject, "name", DIRECTORY)
    return place_of_file(subject)


def purge(host: Host, subject: Row, image: Row) -> None:
    """Delete for good what a run has put aside."""
    parent, name = quarantine_place(subject)
    with Folder(parent) as home:
        with home.below(QUARANTINE) as hold:
            with hold.below(host.run_name) as aside:
                refuse_open_below(host, image["path"])
                if image["is_directory"]:
                    # The path below /proc leads through the open folder, whatever lies there now.
                    shutil.rmtree(f"/proc/self/fd/{aside.handle}/{name}")
                else:
                    os.unlink(name, dir_fd=aside.handle)
            hold.drop(host.run_name)
        home.drop(QUARANTINE)


class Folder:
    """A folder that is held open, so that its name need not be trusted twice."""

    def __init__(self, path: str, inside: Optional[int] = None) -> None:
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
        self.handle = os.open(path, flags, dir_fd=inside)

    def below(self, name: str) -> "Folder":
        """Open a folder in this one, made for root alone when it is missing; never a link."""
        if name in ("", ".", "..") or "/" in name:
            raise Refused(f"{name!r} is no name of a folder")
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=self.handle)
        return Folder(name, self.handle)

    def has(self, name: str) -> bool:
        """Whether a name is taken in this folder."""
        return name in os.listdir(self.handle)

    def drop(self, name: str) -> None:
        """Remove an empty folder; leave one that holds something."""
        with contextlib.suppress(OSError):
            os.rmdir(name, dir_fd=self.handle)

    def __enter__(self) -> "Folder":  # noqa: PYI034  3.6
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.handle)


# ── storage ──────────────────────────────────────────────────────────────────────────────────


def look_sessions(host: Host, subject: Row) -> Image:
    """See all iSCSI sessions to one target, with their units, out of /sys."""
    iqn = word(subject, "iqn", IQN)
    sessions = []
    for session in host.names("/sys/class/iscsi_session"):
        base = "/sys/class/iscsi_session/" + session
        if host.value(base + "/targetname") == iqn:
            units = sorted(units_of(host, base + "/device"))
            portal = portal_of(host, session)
            sessions.append({"portal": portal, "session": session, "units": units})
    portals = sorted({str(each["portal"]) for each in sessions})
    return {"iqn": iqn, "portals": portals, "sessions": sessions} if sessions else None


def portal_of(host: Host, session: str) -> str:
    """Return address and port of a session's first connection."""
    base = "/sys/class/iscsi_connection/connection{}:0/".format(re.sub(r"\D", "", session))
    address = host.value(base + "persistent_address") or host.value(base + "address")
    port = host.value(base + "persistent_port") or host.value(base + "port")
    return "{}:{}".format("[" + address + "]" if ":" in address else address, port)


def units_of(host: Host, base: str) -> Iterator[List[str]]:
    """Yield address and disk of each logical unit below a session's device."""
    for target in host.names(base):
        for unit in host.names(base + "/" + target) if target.startswith("target") else ():
            for disk in host.names(f"{base}/{target}/{unit}/block"):
                yield [unit, disk]


def log_out(host: Host, subject: Row, image: Row) -> None:
    """End the sessions to a target whose disks nobody uses: no maps, no disks, no login, no record.

    The order keeps the kernel from showing another volume under an old disk (CVE-2023-2088).
    """
    disks = [disk for each in image["sessions"] for _, disk in each["units"]]
    mentioned(host, [image["iqn"], *["/dev/" + disk for disk in disks]], str(subject.get("vm")))
    maps = {holder for disk in disks for holder in host.names(f"/sys/block/{disk}/holders")}
    for holder in sorted(maps):
        refuse_other_than_map(host, holder, disks)
    for disk in disks:
        refuse_used_device(host, disk, tuple(maps))
    for holder in sorted(maps):
        host.run(["multipath", "-f", host.value(f"/sys/block/{holder}/dm/name")])
    for disk in disks:
        host.run(["blockdev", "--flushbufs", "/dev/" + disk])
        with open(host.path(f"/sys/block/{disk}/device/delete"), "w") as file:
            file.write("1")
    for each in image["sessions"]:
        number = re.sub(r"\D", "", each["session"])
        host.run(["iscsiadm", "-m", "session", "-r", number, "--logout"])
    forget_node(host, image["iqn"])


def refuse_other_than_map(host: Host, holder: str, disks: List[str]) -> None:
    """Raise Refused unless what holds a disk is a multipath map of these disks that is not used."""
    if not host.value(f"/sys/block/{holder}/dm/uuid").startswith("mpath-"):
        raise Refused(f"the volume is held by {holder}")
    others = set(host.names(f"/sys/block/{holder}/slaves")) - set(disks)
    if others:
        raise Refused("{} has more paths: {}".format(holder, ", ".join(sorted(others))))
    refuse_used_device(host, holder)


def log_in(host: Host, subject: Row, image: Row) -> None:
    """Put the records back, with their secrets, and log in again."""
    put_node_back(host, subject, image)
    for portal in image["portals"]:
        if not PORTAL.match(portal):
            raise Failed(f"{portal!r} is no portal")
        host.run(["iscsiadm", "-m", "node", "-T", image["iqn"], "-p", portal, "--login"])


def look_node(host: Host, subject: Row) -> Image:
    """See what open-iscsi remembers of a target: that it does, and nothing of its passwords."""
    iqn = word(subject, "iqn", IQN)
    names = [name for nodes in NODES for name in host.names(f"{nodes}/{iqn}")]
    return {"iqn": iqn, "records": names} if names else None


def delete_node(host: Host, subject: Row, image: Row) -> None:
    """Forget a target to which nothing is logged in."""
    if look_sessions(host, subject) is not None:
        raise Refused("the host is logged in to the target")
    mentioned(host, [image["iqn"]], str(subject.get("vm")))
    forget_node(host, image["iqn"])


def forget_node(host: Host, iqn: str) -> None:
    """Move the records of a target out of open-iscsi's sight: they hold the password."""
    for nodes in NODES:
        if not host.names(f"{nodes}/{iqn}"):
            continue
        beside = os.path.dirname(host.path(nodes))  # below nodes it would be logged in to
        with Folder(beside) as hold, hold.below(QUARANTINE) as mine:
            aside = mine.below(host.run_name)
            with aside, Folder(host.path(nodes)) as home:
                os.rename(iqn, iqn, src_dir_fd=home.handle, dst_dir_fd=aside.handle)


def put_node_back(host: Host, subject: Row, image: Row) -> None:
    """Let open-iscsi remember a target again; it may not have known it."""
    iqn = word(image, "iqn", IQN)
    for nodes in NODES:
        folder = os.path.dirname(host.path(nodes))
        beside = os.path.join(folder, QUARANTINE, host.run_name)
        if os.path.isdir(os.path.join(beside, iqn)):
            with Folder(beside) as hold, Folder(host.path(nodes)) as home:
                os.rename(iqn, iqn, src_dir_fd=hold.handle, dst_dir_fd=home.handle)
            drop_upwards(beside)


def drop_upwards(path: str) -> None:
    """Remove the empty folders of a quarantine, from the inmost."""
    for _ in range(2):
        try:
            os.rmdir(path)
        except OSError:
            return
        path = os.path.dirname(path)


def look_map(host: Host, subject: Row) -> Image:
    """See a multipath map by its name."""
    name = word(subject, "name", NAME)
    for block in host.names("/sys/block"):
        uuid = host.value(f"/sys/block/{block}/dm/uuid")
        if uuid.startswith("mpath-") and host.value(f"/sys/block/{block}/dm/name") == name:
            disks = host.names(f"/sys/block/{block}/slaves")
            working = [d for d in disks if host.value(f"/sys/block/{d}/device/state") == "running"]
            return {
                "name": name,
                "wwid": uuid[len("mpath-") :],
                "block": block,
                "disks": disks,
                "paths": len(working),
            }
    return None


def flush_map(host: Host, subject: Row, image: Row) -> None:
    """Remove a map without paths that nobody uses; what waits for a path is let go first."""
    if image["paths"]:
        raise Refused("the map has paths that work")
    mentioned(host, [image["wwid"], "/dev/mapper/" + image["name"], "/dev/" + image["block"]])
    refuse_used_device(host, image["block"])
    host.run(["dmsetup", "message", image["name"], "0", "fail_if_no_path"])
    host.run(["multipath", "-f", image["name"]])


def find_maps(host: Host, subject: Row, image: Row) -> None:
    """Look for maps again: it comes back when its paths do."""
    host.run(["multipath"])


def look_mapping(host: Host, subject: Row) -> Image:
    """See a kernel mapping of an RBD image."""
    device = word(subject, "device", MAPPED)
    base = "/sys/bus/rbd/devices/{}/".format(device[len("/dev/rbd") :])
    if not host.value(base + "name"):
        return None
    names = {"pool": "pool", "image": "name", "snap": "current_snap"}
    return {"device": device, **{ours: host.value(base + name) for ours, name in names.items()}}


def unmap(host: Host, subject: Row, image: Row) -> None:
    """Take the kernel's hands off an image that nobody uses through it."""
    mentioned(host, [image["device"] + "'", image["device"] + '"', "/dev/rbd/" + image["pool"]])
    refuse_used_device(host, image["device"][len("/dev/") :])
    host.rbd("unmap", image["device"])


def map_again(host: Host, subject: Row, image: Row) -> None:
    """Map an image again; its device may get another number."""
    snap = "@" + word(image, "snap", NAME) if image["snap"] not in ("", "-") else ""
    host.rbd("map", "{}/{}{}".format(word(image, "pool", NAME), word(image, "image", NAME), snap))


def look_share(host: Host, subject: Row) -> Image:
    """See a share that nova mounted for volumes, by its directory."""
    target = word(subject, "target", SHARE)
    here = [mount for mount in mounts(host) if mount["target"] == target]
    if not here:
        return None
    kept = {name: here[-1][name] for name in ("source", "target", "type", "options")}
    return dict(kept, times=len(here))


def unmount(host: Host, subject: Row, image: Row) -> None:
    """Unmount a share; the kernel refuses when a file on it is open."""
    mentioned(host, [image["target"] + "/"])
    host.run(["umount", image["target"]])


def mount_again(host: Host, subject: Row, image: Row) -> None:
    """Mount a share again as it was; credentials of cifs are not known here."""
    argv = ["mount", "-t", word(image, "type", NAME), "-o", str(image["options"])]
    host.run([*argv, "--", str(image["source"]), word(image, "target", SHARE)])


def look_image(host: Host, subject: Row) -> Image:
    """See one image of a pool, and who watches it."""
    pool, name = word(subject, "pool", NAME), word(subject, "image", IMAGE)
    if name not in json.loads(host.rbd("ls", "--format", "json", "--pool", pool)):
        return None
    which = ["--format", "json", "--pool", pool, "--image", name]
    info, status = json.loads(host.rbd("info", *which)), json.loads(host.rbd("status", *which))
    return {
        "pool": pool,
        "image": name,
        "id": info.get("id"),
        "bytes": info.get("size"),
        "watchers": len(status.get("watchers") or []),
    }


def trash_image(host: Host, subject: Row, image: Row) -> None:
    """Move an image that nobody watches into the trash of its pool."""
    which = ["--pool", image["pool"], "--image", image["image"]]
    for _ in range(WATCHER_TRIES):
        status = json.loads(host.rbd("status", "--format", "json", *which))
        if not status.get("watchers"):
            break
        time.sleep(WATCHER_SECONDS)
    else:
        raise Refused("somebody has the image open")
    host.rbd("trash", "mv", *which, "--expires-at", TRASH_FOR)


def restore_image(host: Host, subject: Row, image: Row) -> None:
    """Take an image out of the trash under its old name."""
    pool, name = word(image, "pool", NAME), word(image, "image", IMAGE)
    spec = "{}/{}".format(pool, word(image, "id", NAME))
    host.rbd("trash", "restore", "--image", name, spec)


# ── the one act ──────────────────────────────────────────────────────────────────────────────


def is_gone(image: Image) -> bool:
    """Whether there is no such thing any more."""
    return image is None


def no_way_back(host: Host, subject: Row, image: Row) -> None:
    """Refuse to put back what was deleted for good."""
    raise Refused("what was purged is gone")


Act = NamedTuple(
    "Act",
    [
        ("look", Callable[[Host, Row], Image]),
        ("do", Callable[[Host, Row, Row], None]),
        ("undo", Callable[[Host, Row, Row], None]),
        ("is_after", Callable[[Image], bool]),
    ],
)

ACTS = {
    ("domain", "stop"): Act(look_domain, stop_domain, start_domain, is_off),
    ("domain", "undefine"): Act(look_domain, undefine_domain, define_domain, is_gone),
    ("switch_port", "delete"): Act(look_port, delete_port, add_port, is_gone),
    ("link", "delete"): Act(look_link, delete_link, add_link, is_gone),
    ("directory", "quarantine"): Act(
        look_directory, quarantine_directory, restore_directory, is_gone
    ),
    ("directory", "purge"): Act(look_quarantined, purge, no_way_back, is_gone),
    ("file", "quarantine"): Act(look_file, quarantine_file, restore_file, is_gone),
    ("file", "purge"): Act(look_quarantined, purge, no_way_back, is_gone),
    ("iscsi_session", "log_out"): Act(look_sessions, log_out, log_in, is_gone),
    ("iscsi_node", "delete"): Act(look_node, delete_node, put_node_back, is_gone),
    ("multipath", "flush"): Act(look_map, flush_map, find_maps, is_gone),
    ("rbd_map", "unmap"): Act(look_mapping, unmap, map_again, is_gone),
    ("share", "unmount"): Act(look_share, unmount, mount_again, is_gone),
    ("rbd_image", "trash"): Act(look_image, trash_image, restore_image, is_gone),
}

LOOSE = ("newest", "files", "members", "sessions", "block", "times", "watchers", "xml")
"""Parts of an image that differ when the same thing was put back."""


def answer(request: Row) -> Row:
    """Do what a request asks for, and say what came of it."""
    act = ACTS.get((str(request.get("kind")), str(request.get("verb"))))
    want = WANTS.get(str(request.get("want")))
    subject = request.get("subject")
    if act is None or want is None or not isinstance(subject, dict):
        return {"refused": "there is no such act"}
    try:
        host = Host(request.get("parameters") or {}, word(request, "run", RUN))
        refuse_other_machine(host, request.get("machine"))
        return want(act, host, subject, request.get("seen") or {})
    except Refused as error:
        return {"refused": str(error)}
    except (Failed, Absent, OSError, ValueError, KeyError, TypeError) as error:
        return {"failed": f"{type(error).__name__}: {error}"}


def refuse_other_machine(host: Host, machine: Any) -> None:
    """Raise Refused when this is not the machine that was judged."""
    here = host.value("/etc/machine-id")
    if machine and machine != here:
        raise Refused(f"this machine is {here or 'without an id'}, not {machine}")


def answer_look(act: Act, host: Host, subject: Row, seen: Row) -> Row:
    """Say what is there."""
    image = act.look(host, subject)
    return {"image": image, "is_after": act.is_after(image)}


def answer_do(act: Act, host: Host, subject: Row, seen: Row) -> Row:
    """Act, if everything still is as it was seen, and see that it is done."""
    image = act.look(host, subject)
    if image is None or image != seen:
        return {"moved": image}
    act.do(host, subject, image)
    after = act.look(host, subject)
    if not act.is_after(after):
        return {"failed": "it was tried and nothing changed"}
    return {"done": after}


def state_of(act: Act, image: Image, seen: Row) -> str:
    """Say how a place stands to what was seen there before an act."""
    if image is not None and firm(image) == firm(seen):
        return "before"
    return "after" if act.is_after(image) else "other"


def firm(image: Row) -> Row:
    """Return the parts of an image that stay when a thing is put back."""
    return {name: value for name, value in image.items() if name not in LOOSE}


def answer_state(act: Act, host: Host, subject: Row, seen: Row) -> Row:
    """Say whether an act was done."""
    return {"state": state_of(act, act.look(host, subject), seen)}


def answer_undo(act: Act, host: Host, subject: Row, seen: Row) -> Row:
    """Put back what was seen, unless it is back or something else is there."""
    image = act.look(host, subject)
    state = state_of(act, image, seen)
    if state == "other":
        return {"moved": image}
    if state == "after":
        act.undo(host, subject, seen)
    return {"done": act.look(host, subject)}


WANTS = {
    "look": answer_look,
    "do": answer_do,
    "state": answer_state,
    "undo": answer_undo,
}


def main(argv: List[str]) -> int:
    """Answer the one request."""
    try:
        request = json.loads(globals().get("REQUEST") or argv[1])
    except (IndexError, ValueError):
        request = {}
    if not isinstance(request, dict):
        request = {}
    parameters = dict(DEFAULTS, **(request.get("parameters") or {}))
    signal.alarm(int(parameters["total_seconds"]))
    sys.stdout.write(json.dumps(answer(request)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
