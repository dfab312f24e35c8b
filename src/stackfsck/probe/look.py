#!/usr/bin/env python3
"""Look at a compute host: print what is there as JSON lines, and change nothing.

Sent over ssh on standard input (``python3 -I -B - '{"tables": null}' < look.py``), so it is one
file, needs nothing but Python 3.6 and its standard library, and asks the host once. The one
argument is a JSON object; `DEFAULTS` below names every parameter.

Lines printed:

* ``{"t": "libvirt.domains", "r": {...}}``: one record of one table,
* ``{"t": T, "done": true, "rows": 3}``: the table was read to its end; with ``"partial": reason``
  instead of ``done`` rows are missing, with ``"failed": reason`` nothing may be concluded,
* ``{"end": true}``: the last line, so that a stream that was cut is seen.

A table is complete and empty only when the thing itself cannot be on this host (no Open vSwitch:
no ports). A tool that is there and fails, or that should be there and is not found, fails the
tables that need it, with the reason.

Command lines of processes, options of mounts and records of iSCSI nodes hold secrets: only the
few named values leave this file.
"""
# ruff: noqa: ANN401  what tools print is JSON of any shape
# ruff: noqa: FBT001  keyword-only flags are not worth their lines in a script
# ruff: noqa: FURB188  str.removeprefix came with Python 3.9

import calendar
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

Row = Dict[str, Any]

DEFAULTS = {
    "tables": None,  # names of the tables to read; null: all, of Ceph if pools are named
    "command_seconds": 60,  # for each command that is run here
    "total_seconds": 300,  # for everything; then the stream is cut
    "nova_conf": None,  # configuration files in the order of reading; null: the usual places
    "instances_path": None,  # null: as nova.conf says
    "libvirt_uri": "qemu:///system",
    "libvirt_prefix": None,  # argv put before virsh; null: found, [] none
    "libvirt_state": "/var/lib/libvirt",
    "vswitch_prefix": None,  # argv put before ovs-vsctl; null: found, [] none
    "vswitch_db": None,  # ovs-vsctl --db
    "ceph_prefix": [],
    "ceph_arguments": [],  # such as --id cinder --conf /etc/ceph/other.conf
    "ceph_pools": [],
    "ceph_watchers": [],  # images whose watchers are counted, as pool/image
    "root": "/",  # where /proc, /sys, /etc and /var are
}  # type: Dict[str, Any]

# Where a service runs in a container under a name that its deployment tool always uses.
LIBVIRT_CONTAINERS = (
    ("docker", "exec", "nova_libvirt"),  # Kolla
    ("podman", "exec", "nova_libvirt"),  # Kolla on podman, TripleO to Victoria
    ("podman", "exec", "nova_virtqemud"),  # TripleO from Wallaby
)
VSWITCH_CONTAINERS = (
    ("docker", "exec", "openvswitch_db"),
    ("podman", "exec", "openvswitch_db"),
)
# One deployment tool's files after another; the first place that has any is the one that counts.
NOVA_CONF_PLACES = (
    (
        "/usr/share/nova/nova-dist.conf",
        "/etc/nova/nova.conf",
        "/etc/nova/nova.conf.d",
        "/etc/nova/nova-compute.conf",
        "/etc/nova/nova-compute.conf.d",
        "/etc/nova/nova-cpu.conf",
    ),
    ("/etc/kolla/nova-compute/nova.conf",),
    ("/var/lib/config-data/puppet-generated/nova_libvirt/etc/nova/nova.conf",),
    ("/var/lib/openstack/config/nova",),
)
# A volume of a container engine that stands for /var/lib/nova (Kolla).
NOVA_STATE_VOLUMES = (
    "/var/lib/docker/volumes/nova_compute/_data",
    "/var/lib/containers/storage/volumes/nova_compute/_data",
)
LIBVIRT_STATE_VOLUMES = (
    "/var/lib/docker/volumes/libvirtd/_data",
    "/var/lib/containers/storage/volumes/libvirtd/_data",
)
SHARED_FILESYSTEMS = {
    "nfs", "nfs4", "cifs", "smb3", "ceph", "fuse.ceph", "glusterfs", "fuse.glusterfs", "lustre",
    "gpfs", "ocfs2", "gfs2", "beegfs", "fuse.quobyte", "quobyte", "fuse.juicefs", "fuse.sshfs",
    "fuse.mfs", "fuse.moosefs", "virtiofs", "9p", "orangefs", "afs", "vzstorage", "fuse.vstorage",
}  # fmt: skip
QUARANTINE = ".stackfsck-quarantine"  # what act.py has put aside is no longer of this host
NOT_INSTANCES = {"_base", "locks", "snapshots", QUARANTINE}
NOVA_NAMESPACES = (
    "{http://openstack.org/xmlns/libvirt/nova/1.1}",
    "{http://openstack.org/xmlns/libvirt/nova/1.0}",
)
UUID_TEXT = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
UUID_LENGTH = 36
UUID = re.compile(UUID_TEXT + r"\Z")
UUID_FRONT = re.compile("(" + UUID_TEXT + r")(.*)\Z", re.DOTALL)
VOLUME = re.compile("volume-(" + UUID_TEXT + ")")
PORT_DEVICE = re.compile(r"(tap|qvo|qvb|qbr)([0-9a-f]{8}-[0-9a-f]{2})\Z")
REFERENCE = re.compile(r"\$\{?(\w+)\}?")  # oslo.config: $option or ${option}
QEMU = re.compile(r"(qemu-system-[a-z0-9_]+|qemu-kvm|kvm)\Z")
DOMAINS_AT_ONCE = 200
REASONS = 3  # how many of the gaps of one table are told in words
STORAGE_USE_SECONDS = 24 * 3600  # nova.virt.storage_users: older entries no longer count
TAP_FLAG = 0x2  # IFF_TAP of linux/if_tun.h


class Unread(Exception):
    """Something that is there could not be read; the message says why."""


class Absent(Exception):
    """The thing itself is not on this host, so there is nothing to read."""


# ── printing ─────────────────────────────────────────────────────────────────────────────────


class Output:
    """Prints records, and keeps for each table how far its reading came."""

    def __init__(self, tables: List[str]) -> None:
        self.tables = tables
        self.rows = {}  # type: Dict[str, int]
        self.gaps = {}  # type: Dict[str, List[str]]

    def wants(self, table: str) -> bool:
        """Whether this table was asked for."""
        return table in self.tables

    def row(self, table: str, **columns: Any) -> None:
        """Print one record, if its table was asked for."""
        if self.wants(table):
            self.rows[table] = self.rows.get(table, 0) + 1
            print_line({"t": table, "r": columns})

    def gap(self, table: str, reason: str) -> None:
        """Remember that rows of a table are missing."""
        self.gaps.setdefault(table, []).append(reason)

    def close(self, table: str, failure: str = "") -> None:
        """Print how the reading of a table ended."""
        rows = self.rows.get(table, 0)
        gaps = self.gaps.get(table, [])
        if failure and not rows:
            print_line({"t": table, "failed": failure, "rows": 0})
        elif failure or gaps:
            reasons = ([failure] if failure else []) + gaps[:REASONS]
            more = f" and {len(gaps) - REASONS} more" if len(gaps) > REASONS else ""
            print_line({"t": table, "partial": "; ".join(reasons) + more, "rows": rows})
        else:
            print_line({"t": table, "done": True, "rows": rows})


def print_line(line: Row) -> None:
    """Print one JSON line in plain ASCII, whatever the host's locale is."""
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")


def text(name: str) -> str:
    r"""Return a file's name as printable data: bytes that are not UTF-8 become ``\xff``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def uuid_or_none(value: Optional[str]) -> Optional[str]:
    """Return a UUID in its usual form (also of 32 digits, as keystone writes it), else None."""
    value = (value or "").strip().lower()
    if re.match(r"[0-9a-f]{32}\Z", value):
        value = "-".join((value[:8], value[8:12], value[12:16], value[16:20], value[20:]))
    return value if UUID.match(value) else None


def at(seconds: float) -> str:
    """Return a time since the epoch as UTC text with a T and no zone."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


# ── asking ───────────────────────────────────────────────────────────────────────────────────


class Host:
    """This host: its parameters, its files below `root`, and its tools."""

    def __init__(self, parameters: Row) -> None:
        unknown = set(parameters) - set(DEFAULTS)
        if unknown:
            raise Unread("unknown parameters: " + ", ".join(sorted(unknown)))
        self.parameters = dict(DEFAULTS, **parameters)
        self.root = str(self.parameters["root"]).rstrip("/")
        self.prefixes = {}  # type: Dict[str, List[str]]
        self.domain_uuids = {}  # type: Dict[str, str]
        self.nova = None  # type: Optional[Dict[str, str]]

    def path(self, path: str) -> str:
        """Return where a file of this host is found by this process."""
        return self.root + path

    def shown(self, path: str) -> str:
        """Return a path as the host itself says it."""
        return path[len(self.root) :] if self.root and path.startswith(self.root) else path

    def read(self, path: str) -> str:
        """Return the text of a small file; raises OSError."""
        with open(self.path(path), encoding="utf-8", errors="surrogateescape") as file:
            return file.read(1 << 20)

    def value(self, path: str) -> str:
        """Return the one value of a file in /sys or /proc, "" when it is not there."""
        try:
            return text(self.read(path).strip())
        except OSError:
            return ""

    def names(self, path: str) -> List[str]:
        """Return the sorted names in a folder, none when it does not exist; raises Unread."""
        try:
            return sorted(os.listdir(self.path(path)))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Unread(f"{path}: {error.strerror}") from error

    def run(self, argv: List[str]) -> str:
        """Run a command and return what it printed; raises Unread, also when it takes too long."""
        return decoded(run(argv, float(self.parameters["command_seconds"])))

    def tool(self, name: str, service: str, containers: Tuple[Tuple[str, ...], ...]) -> List[str]:
        """Return the argv with which a tool is called here, in its container if it has one.

        Raises:
            Absent: neither on the host nor in a container that is known by name.
        """
        if service not in self.prefixes:
            self.prefixes[service] = self._prefix(name, service, containers)
        prefix = self.prefixes[service]
        return [*prefix, "env", "LC_ALL=C", name] if prefix else [name]

    def _prefix(
        self, name: str, service: str, containers: Tuple[Tuple[str, ...], ...]
    ) -> List[str]:
        configured = self.parameters[service + "_prefix"]
        if configured:
            return [str(word) for word in configured]
        if found(name):
            return []
        for container in containers if configured is None else ():
            if found(container[0]) and answers([*list(container), name, "--version"]):
                return list(container)
        raise Absent(name)


def run(argv: List[str], seconds: float) -> bytes:
    """Run a command without a shell, without input, in a group that dies at the time limit."""
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
            start_new_session=True,
        )
    except OSError as error:
        raise Unread(f"{argv[0]}: {error.strerror}") from error
    try:
        output, problems = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise Unread(f"{argv[0]} gave no answer within {seconds:g} s") from None
    if process.returncode != 0:
        said = " ".join(problems.decode("utf-8", "replace").split())[:300]
        raise Unread(f"{argv[0]} ended with {process.returncode}: {said}")
    return output


def environment() -> Dict[str, str]:
    """Return what commands see: plain C messages, and the folders of system tools."""
    own = [folder for folder in os.environ.get("PATH", "").split(":") if folder.startswith("/")]
    system = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"]
    return {
        "PATH": ":".join(own + system),
        "LC_ALL": "C",
        "HOME": os.environ.get("HOME", "/"),
    }


def decoded(output: bytes) -> str:
    """Return a command's output as text in which no byte is lost."""
    return output.decode("utf-8", "backslashreplace")


def found(name: str) -> bool:
    """Whether a program of this name can be run on this host."""
    folders = environment()["PATH"].split(":")
    return any(os.access(os.path.join(folder, name), os.X_OK) for folder in folders)


def answers(argv: List[str]) -> bool:
    """Whether a command runs and succeeds."""
    try:
        run(argv, 20)
    except Unread:
        return False
    return True


# ── nova's configuration ─────────────────────────────────────────────────────────────────────


def nova_settings(host: Host) -> Dict[str, str]:
    """Return ``section.option`` of nova's files on this host; raises Absent without a file."""
    if host.nova is None:
        settings = {}  # type: Dict[str, str]
        for path in nova_files(host):
            try:
                settings.update(parse_oslo(host.read(path)))
            except OSError as error:
                raise Unread(f"{path}: {error.strerror}") from error
        host.nova = settings
    return host.nova


def nova_files(host: Host) -> List[str]:
    """Return the configuration files of nova-compute in the order of reading."""
    configured = host.parameters["nova_conf"]
    for place in [configured] if configured else NOVA_CONF_PLACES:
        files = [file for path in place for file in expanded(host, str(path))]
        if files:
            return files
    raise Absent("nova.conf")


def expanded(host: Host, path: str) -> List[str]:
    """Return the file, or the ``*.conf`` files of a folder, if it exists; raises Unread."""
    try:
        os.stat(host.path(path))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise Unread(f"{path}: {error.strerror}") from error
    if not os.path.isdir(host.path(path)):
        return [path]
    return [path + "/" + name for name in host.names(path) if name.endswith(".conf")]


def parse_oslo(content: str) -> Dict[str, str]:
    """Return ``section.option`` to value of a file in oslo.config's form (last one counts)."""
    settings = {}  # type: Dict[str, str]
    section, option = "DEFAULT", ""
    for line in content.splitlines():
        if not line.strip() or line.lstrip()[0] in "#;":
            option = "" if not line.strip() else option
        elif line[0].isspace() and option:
            settings[option] += line.strip()
        elif line.startswith("["):
            section, option = line.strip().strip("[]"), ""
        else:
            name, _, value = line.partition("=") if "=" in line else line.partition(":")
            option = section + "." + name.strip()
            settings[option] = value.strip().strip("\"'")
    return settings


def state_path(settings: Dict[str, str]) -> str:
    """Return nova's state_path; the default of distributions when it is not set."""
    return settings.get("DEFAULT.state_path") or "/var/lib/nova"


def with_state(host: Host, path: str, settings: Dict[str, str]) -> str:
    """Return a path of nova.conf as it is on this host, outside of a container."""
    state = state_path(settings)
    known = dict(settings, **{"DEFAULT.state_path": state})
    path = REFERENCE.sub(lambda name: known.get("DEFAULT." + name.group(1), name.group(0)), path)
    if os.path.isdir(host.path(path)) or not path.startswith(state):
        return path
    for volume in NOVA_STATE_VOLUMES:
        if os.path.isdir(host.path(volume)):
            return volume + path[len(state) :]
    return path


def instances_path(host: Host) -> str:
    """Return the folder of instance directories; raises Absent on a host without nova-compute."""
    if host.parameters["instances_path"]:
        return str(host.parameters["instances_path"])
    try:
        settings = nova_settings(host)
    except Absent:
        settings = {}
    path = with_state(
        host, settings.get("DEFAULT.instances_path") or "$state_path/instances", settings
    )
    if os.path.isdir(host.path(path)):
        return path
    if not settings and not libvirt_evidence(host):
        raise Absent("nova-compute")
    raise Unread(f"no folder of instances at {path}: set instances_path")


# ── libvirt ──────────────────────────────────────────────────────────────────────────────────


def virsh(host: Host) -> List[str]:
    """Return the argv of a read-only virsh; raises Absent or Unread when there is none."""
    try:
        tool = host.tool("virsh", "libvirt", LIBVIRT_CONTAINERS)
    except Absent:
        evidence = libvirt_evidence(host)
        if evidence:
            raise Unread(f"libvirt is here ({evidence}) but no virsh: set libvirt_prefix") from None
        raise
    return [*tool, "-q", "-r", "-c", str(host.parameters["libvirt_uri"])]


def libvirt_evidence(host: Host) -> str:
    """Return what shows that libvirt or a VM is on this host, "" when nothing does."""
    for path in ("/run/libvirt/libvirt-sock-ro", "/run/libvirt/virtqemud-sock-ro"):
        if os.path.exists(host.path(path)):
            return path
    for pid in pids(host):
        program = os.path.basename((command_line(host, pid) or [""])[0])
        if program in ("libvirtd", "virtqemud") or QEMU.match(program):
            return f"process {pid} {program}"
    return ""


def read_domains(host: Host, out: Output) -> None:
    """Read every domain: one listing, then the XML of many at once."""
    try:
        virsh(host)
    except (Absent, Unread):
        if read_domains_by_library(host, out):
            return
        raise
    if shows_some_only(host):
        for table in DOMAIN_TABLES:
            out.gap(table, "libvirt shows this user only some domains (access_drivers)")
    marker = "stackfsck-" + os.urandom(16).hex()
    uuids, persistent = list_domains(host, marker)
    for start in range(0, len(uuids), DOMAINS_AT_ONCE):
        for uuid, state, xml in dump_domains(host, uuids[start : start + DOMAINS_AT_ONCE], marker):
            print_domain(host, out, uuid, state, uuid in persistent, xml)
    missing = set(uuids) - set(host.domain_uuids.values())
    for uuid in sorted(missing & set(list_domains(host, marker)[0]) if missing else ()):
        for table in DOMAIN_TABLES:
            out.gap(table, f"domain {uuid} could not be read")


def shows_some_only(host: Host) -> bool:
    """Whether libvirt's rules may leave domains out of this user's listing without a word."""
    if os.geteuid() == 0:
        return False
    for path in ("/etc/libvirt/libvirtd.conf", "/etc/libvirt/virtqemud.conf"):
        if re.search(r"^\s*access_drivers\s*=\s*\[\s*\"", host.value(path), re.MULTILINE):
            return True
    return False


def list_domains(host: Host, marker: str) -> Tuple[List[str], List[str]]:
    """Return the UUIDs of all domains, and of those that are defined."""
    script = f"list --all --uuid; echo {marker}; list --all --uuid --persistent"
    everything, _, persistent = host.run([*virsh(host), script]).partition(marker)
    lists = [[line.strip() for line in part.splitlines()] for part in (everything, persistent)]
    for line in lists[0] + lists[1]:
        if line and not UUID.match(line):
            raise Unread(f"virsh list printed {line[:80]!r} where a UUID was expected")
    return [line for line in lists[0] if line], [line for line in lists[1] if line]


def dump_domains(host: Host, uuids: List[str], marker: str) -> Iterator[Tuple[str, str, str]]:
    """Yield UUID, state and XML of each domain that is still there.

    virsh goes on after a domain that has just gone; the marker, unknown to whoever may have
    written a domain's title, tells the answers apart.
    """
    step = "echo {0}-{1}; domstate {1}; echo {0}; dumpxml {1}"
    script = "; ".join(step.format(marker, uuid) for uuid in uuids)
    output = host.run([*virsh(host), script + "; echo " + marker])
    for answer in output.split(marker + "-")[1:]:
        head, _, rest = answer.partition(marker)
        uuid, state = head[:UUID_LENGTH], head[UUID_LENGTH:].strip()  # echo ends no line
        xml = rest.partition(marker)[0]
        if xml.strip():
            yield uuid, state, xml


def read_domains_by_library(host: Host, out: Output) -> bool:
    """Read the domains through python-libvirt; False where it is not installed."""
    if host.parameters["libvirt_prefix"]:
        return False
    try:
        import libvirt  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        return False
    states = ("", "running", "idle", "paused", "in shutdown", "shut off", "crashed", "pmsuspended")
    try:
        connection = libvirt.openReadOnly(str(host.parameters["libvirt_uri"]))
        for domain in connection.listAllDomains():
            state = states[domain.state()[0]]
            persistent = bool(domain.isPersistent())
            print_domain(host, out, domain.UUIDString(), state, persistent, domain.XMLDesc())
    except libvirt.libvirtError as error:
        raise Unread(f"libvirt: {error}") from error
    return True


def parse_xml(document: str) -> ET.Element:
    """Parse a document that a stranger may have shaped: no DTD, so no entities; raises Unread."""
    if "<!DOCTYPE" in document or "<!ENTITY" in document:
        raise Unread("a domain's XML declares entities")
    try:
        return ET.fromstring(document.strip())  # noqa: S314  no DTD gets here
    except ET.ParseError as error:
        raise Unread(f"a domain's XML is broken: {error}") from error


def print_domain(
    host: Host, out: Output, uuid: str, state: str, persistent: bool, xml: str
) -> None:
    """Print a domain, its disks and its interfaces."""
    try:
        root = parse_xml(xml)
    except Unread as error:
        for table in DOMAIN_TABLES:
            out.gap(table, f"{error} ({uuid})")
        return
    name = root.findtext("name") or ""
    host.domain_uuids[name] = uuid
    out.row(
        "libvirt.domains",
        uuid=uuid,
        name=name,
        title=root.findtext("title") or "",
        state=state or None,
        persistent=persistent,
        **nova_metadata(root),
    )
    for disk in root.findall("devices/disk"):
        out.row("libvirt.disks", domain=uuid, **disk_columns(disk))
    for interface in root.findall("devices/interface"):
        out.row("libvirt.interfaces", domain=uuid, **interface_columns(interface))


def nova_metadata(root: ET.Element) -> Row:
    """Return what nova wrote into the domain about itself."""
    for namespace in NOVA_NAMESPACES:
        instance = root.find("metadata/" + namespace + "instance")
        if instance is not None:
            owner = namespace + "owner/" + namespace
            created = instance.findtext(namespace + "creationTime") or ""
            return {
                "nova_name": instance.findtext(namespace + "name"),
                "nova_project": uuid_or_none(attribute(instance, owner + "project", "uuid")),
                "nova_user": uuid_or_none(attribute(instance, owner + "user", "uuid")),
                "nova_created": nova_time(created.strip()),
                "is_nova": True,
            }
    return {
        "nova_name": None,
        "nova_project": None,
        "nova_user": None,
        "nova_created": None,
        "is_nova": False,
    }


def nova_time(value: str) -> Optional[str]:
    """Return nova's ``2026-11-21 02:17:27`` (UTC) with a T, None when it is something else."""
    try:
        return at(calendar.timegm(time.strptime(value, "%Y-%m-%d %H:%M:%S")))
    except ValueError:
        return None


def attribute(parent: ET.Element, path: str, name: str) -> Optional[str]:
    """Return an attribute of the element at a path, None when either is missing."""
    element = parent.find(path)
    return None if element is None else element.get(name)


def disk_columns(disk: ET.Element) -> Row:
    """Return a disk: its source is a file, a device, or ``pool/image`` of a network disk."""
    source = disk.find("source")
    where = {} if source is None else dict(source.attrib)
    place = next((where[k] for k in ("file", "dev", "name", "dir", "volume") if k in where), "")
    return {
        "target": attribute(disk, "target", "dev") or "",
        "type": disk.get("type") or "",
        "protocol": where.get("protocol"),
        "source": place,
        "serial": uuid_or_none(disk.findtext("serial")),
        "device": disk.get("device") or "disk",
    }


def interface_columns(interface: ET.Element) -> Row:
    """Return an interface; its port's id is known only where libvirt itself plugs it."""
    source = interface.find("source")
    where = {} if source is None else dict(source.attrib)
    parameters = interface.find("virtualport/parameters")
    port = None if parameters is None else parameters.get("interfaceid")
    return {
        "mac": attribute(interface, "mac", "address") or "",
        "target": attribute(interface, "target", "dev") or "",
        "type": interface.get("type") or "",
        "bridge": where.get("bridge") or where.get("network") or where.get("dev"),
        "interface_id": uuid_or_none(port),
        "virtualport": attribute(interface, "virtualport", "type"),
    }


# ── processes ────────────────────────────────────────────────────────────────────────────────


def pids(host: Host) -> List[int]:
    """Return the process ids that this user may see."""
    return [int(name) for name in host.names("/proc") if name.isdigit()]


def command_line(host: Host, pid: int) -> List[str]:
    """Return the argv of a process, empty when it is gone or a kernel thread."""
    try:
        words = host.read(f"/proc/{pid}/cmdline").split("\0")
    except OSError:
        return []
    return [word for word in words if word]


def read_processes(host: Host, out: Output) -> None:
    """Read the qemu processes. Their command lines hold keys: only the name and UUID are taken."""
    boot = re.search(r"^btime (\d+)$", host.read("/proc/stat"), re.MULTILINE)
    if boot is None or not command_line(host, 1):
        raise Unread("/proc shows no processes of others (hidepid): look as root")
    home = pid_namespace(host, "self")
    for pid in pids(host):
        argv = command_line(host, pid)
        if not argv or not QEMU.match(os.path.basename(argv[0])):
            continue
        # a guest of KubeVirt, or of a libvirt in a container, is shown here but is not this host's
        if home in (None, pid_namespace(host, str(pid)) or home):
            out.row(
                "libvirt.processes",
                pid=pid,
                uuid=uuid_or_none(after(argv, "-uuid")),
                name=guest_name(after(argv, "-name")),
                started=started(host, pid, int(boot.group(1))),
            )


def pid_namespace(host: Host, process: str) -> Optional[str]:
    """Return which set of process ids a process lives in, None when this user may not see it."""
    try:
        return os.readlink(host.path(f"/proc/{process}/ns/pid"))
    except OSError:
        return None


def after(argv: List[str], option: str) -> str:
    """Return the word behind an option, "" without one."""
    return argv[argv.index(option) + 1] if option in argv[:-1] else ""


def guest_name(value: str) -> str:
    """Return the domain's name out of ``guest=NAME,debug-threads=on`` (a comma is doubled)."""
    first = value.replace(",,", "\0").split(",")[0].replace("\0", ",")
    return text(first[len("guest=") :] if first.startswith("guest=") else first)


def started(host: Host, pid: int, boot: int) -> Optional[str]:
    """Return when a process started: field 22 of /proc/PID/stat counts ticks since boot."""
    try:
        fields = host.read(f"/proc/{pid}/stat").rpartition(")")[2].split()
        return at(boot + int(fields[19]) / os.sysconf("SC_CLK_TCK"))
    except (OSError, IndexError, ValueError):
        return None


# ── Open vSwitch ─────────────────────────────────────────────────────────────────────────────


def vsctl(host: Host) -> List[str]:
    """Return the argv of ovs-vsctl; raises Absent or Unread when there is none."""
    try:
        tool = host.tool("ovs-vsctl", "vswitch", VSWITCH_CONTAINERS)
    except Absent:
        for path in ("/run/openvswitch/db.sock", "/var/run/openvswitch/db.sock"):
            if os.path.exists(host.path(path)):
                raise Unread(f"{path} is here but no ovs-vsctl: set vswitch_prefix") from None
        raise
    database = host.parameters["vswitch_db"]
    limit = ["--timeout={:d}".format(int(host.parameters["command_seconds"])), "--no-wait"]
    return tool + limit + ["--format=json"] + (["--db=" + str(database)] if database else [])


def read_vswitch(host: Host, out: Output) -> None:
    """Read bridges, ports and interfaces in one transaction."""
    argv = vsctl(host)
    for table, columns in (
        ("Bridge", "name,ports"),
        ("Port", "_uuid,name,tag,interfaces"),
        ("Interface", "_uuid,name,type,external_ids,error,ofport"),
    ):
        argv += ["--", "--columns=" + columns, "list", table]
    print_vswitch(out, *parse_vswitch(host.run(argv)))


def parse_vswitch(output: str) -> Tuple[List[Row], List[Row], List[Row]]:
    """Return the rows of the three tables, each printed as one JSON value; raises Unread."""
    decoder, position, tables = json.JSONDecoder(), 0, []  # type: Any, int, List[List[Row]]
    try:
        for _ in ("Bridge", "Port", "Interface"):
            table, position = decoder.raw_decode(output, position)
            names = table["headings"]
            tables.append([dict(zip(names, map(ovs_value, row))) for row in table["data"]])  # noqa: B905  3.6
            position += len(output[position:]) - len(output[position:].lstrip())
    except (ValueError, KeyError, TypeError) as error:
        raise Unread(f"ovs-vsctl printed something unexpected: {error}") from error
    return tables[0], tables[1], tables[2]


def ovs_value(value: Any) -> Any:
    """Return a value of OVSDB's JSON (RFC 7047, 5.1) as plain data: set as list, map as dict."""
    if not isinstance(value, list):
        return value
    kind, content = value
    if kind == "set":
        return [ovs_value(item) for item in content]
    return {key: ovs_value(item) for key, item in content} if kind == "map" else content


def several(value: Any) -> List[Any]:
    """Return a set's members; OVSDB writes a set of one as the bare value."""
    return value if isinstance(value, list) else [value]


def single(value: Any) -> Any:
    """Return an optional value: an empty set stands for none."""
    members = several(value)
    return members[0] if members else None


def print_vswitch(out: Output, bridges: List[Row], ports: List[Row], interfaces: List[Row]) -> None:
    """Print what belongs to what by name."""
    bridge_of = {port: row["name"] for row in bridges for port in several(row["ports"])}
    port_of = {piece: row for row in ports for piece in several(row["interfaces"])}
    for row in bridges:
        out.row("vswitch.bridges", name=row["name"])
    for row in ports:
        bridge = bridge_of.get(row["_uuid"])
        out.row("vswitch.ports", bridge=bridge, name=row["name"], tag=single(row["tag"]))
    for row in interfaces:
        port = port_of.get(row["_uuid"], {})
        ids = row["external_ids"]
        out.row(
            "vswitch.interfaces",
            bridge=bridge_of.get(port.get("_uuid")),
            port=port.get("name"),
            name=row["name"],
            type=row["type"],
            iface_id=uuid_or_none(ids.get("iface-id")),
            vm_uuid=uuid_or_none(ids.get("vm-uuid") or ids.get("vm-id")),
            attached_mac=ids.get("attached-mac"),
            error=single(row["error"]),
            ofport=single(row["ofport"]),
        )


# ── links ────────────────────────────────────────────────────────────────────────────────────


def read_links(host: Host, out: Output) -> None:
    """Read the network devices of the host's own namespace."""
    links = None if host.root else links_by_ip(host)
    for name, kind, master, mac, state in links or links_by_sys(host):
        device = PORT_DEVICE.match(name)
        out.row(
            "host.links",
            name=name,
            kind=kind,
            master=master or None,
            mac=mac,
            state=state.upper(),
            prefix=device.group(1) if device else None,
            port_prefix=device.group(2) if device else None,
        )


Link = Tuple[str, str, str, str, str]


def links_by_ip(host: Host) -> Optional[List[Link]]:
    """Return the links that ``ip`` knows; None where it is too old to print JSON."""
    try:
        return parse_links(host.run(["ip", "-j", "-d", "link", "show"]))
    except Unread:
        return None


def parse_links(output: str) -> Optional[List[Link]]:
    """Return name, kind, master, MAC address and state of each link that ``ip -j -d`` printed."""
    try:
        return [
            (
                str(link["ifname"]),
                link_kind(link.get("linkinfo", {})),
                str(link.get("master", "")),
                str(link.get("address", "")),
                str(link.get("operstate", "")),
            )
            for link in json.loads(output)
            if link
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def link_kind(info: Row) -> str:
    """Return the kind of a link: a tun device in tap mode is a tap."""
    kind = str(info.get("info_kind", ""))
    data = info.get("info_data") or {}
    return str(data.get("type", kind)) if kind == "tun" else kind


def links_by_sys(host: Host) -> List[Link]:
    """Return the links that /sys/class/net shows (its files name every kind but veth)."""
    names = host.names("/sys/class/net")
    if not names:
        raise Unread("/sys/class/net shows no devices")
    return [link_of_sys(host, name) for name in names if name != "bonding_masters"]


def link_of_sys(host: Host, name: str) -> Link:
    """Return one link out of /sys/class/net/NAME."""
    base = "/sys/class/net/" + name
    master = ""
    if os.path.islink(host.path(base + "/master")):
        master = os.path.basename(os.readlink(host.path(base + "/master")))
    mac, state = host.value(base + "/address"), host.value(base + "/operstate")
    return text(name), kind_of_sys(host, base), text(master), mac, state


def kind_of_sys(host: Host, base: str) -> str:
    """Return the kind of a link: by its own files, by DEVTYPE, or by its peer's index."""
    if os.path.isdir(host.path(base + "/bridge")):
        return "bridge"
    flags = host.value(base + "/tun_flags")
    if flags:
        return "tap" if int(flags, 16) & TAP_FLAG else "tun"
    kind = re.search(r"^DEVTYPE=(\w+)$", host.value(base + "/uevent"), re.MULTILINE)
    if kind:
        return kind.group(1)
    paired = host.value(base + "/iflink") != host.value(base + "/ifindex")
    return "veth" if paired and not os.path.exists(host.path(base + "/device")) else ""


# ── files of instances ───────────────────────────────────────────────────────────────────────


def read_instances(host: Host, out: Output) -> None:
    """Read the instance directories and the cached base images."""
    path = instances_path(host)
    names = host.names(path)
    store, shared = filesystem(host, path)
    for name in names:
        here = os.path.join(host.path(path), name)
        if name in NOT_INSTANCES or not is_folder(out, "host.instance_dirs", here):
            continue
        uuid, suffix = uuid_and_suffix(name)
        changed, files = newest(out, "host.instance_dirs", here)
        out.row(
            "host.instance_dirs",
            name=text(name),
            uuid=uuid,
            suffix=suffix,
            path=text(os.path.join(path, name)),
            changed_at=changed,
            files=files,
            shared=shared,
            store=store,
        )


def read_base_images(host: Host, out: Output) -> None:
    """Read the cached images that the disks of VMs may stand on."""
    base = os.path.join(instances_path(host), "_base")
    for name in host.names(base):
        try:
            status = os.lstat(os.path.join(host.path(base), name))
        except FileNotFoundError:
            continue
        out.row(
            "host.base_images",
            name=text(name),
            path=text(os.path.join(base, name)),
            changed_at=at(status.st_mtime),
            bytes=status.st_size,
        )


def uuid_and_suffix(name: str) -> Tuple[Optional[str], str]:
    """Return the UUID at the front of a name and what follows it."""
    match = UUID_FRONT.match(name)
    return (match.group(1), text(match.group(2))) if match else (None, "")


def is_folder(out: Output, table: str, path: str) -> bool:
    """Whether a name is, or leads to, a folder; one that may not be looked at is a gap."""
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except FileNotFoundError:
        return False
    except OSError as error:
        out.gap(table, f"{text(path)}: {error.strerror}")
        return False


def newest(out: Output, table: str, path: str) -> Tuple[Optional[str], Optional[int]]:
    """Return the last change of a directory or a file in it, and the number of files in it."""
    try:
        changed, files = os.lstat(path).st_mtime, 0
        with os.scandir(path) as entries:
            for entry in entries:
                changed = max(changed, entry.stat(follow_symlinks=False).st_mtime)
                files += 1
    except FileNotFoundError:
        return None, None  # it went, or a file of it did, while it was looked at
    except OSError as error:
        out.gap(table, f"{text(path)}: {error.strerror}")
        return None, None
    return at(changed), files


def filesystem(host: Host, path: str) -> Tuple[str, bool]:
    """Return the identity of the file system below a folder, and whether other hosts have it too.

    Two hosts that mount the same export name the same identity. What is local carries the
    machine's id, so that equal device names on two hosts never look like one store.
    """
    real = host.shown(os.path.realpath(host.path(path)))
    best = ("", "", "", "", "")
    for mount in mount_table(host):
        inside = real == mount[1] or real.startswith(mount[1].rstrip("/") + "/")
        if inside and len(mount[1]) >= len(best[1]):
            best = mount
    source, target, kind, device, root = best
    shared = kind in SHARED_FILESYSTEMS
    if shared:
        below = os.path.normpath("/".join((root, real[len(target) :])).replace("//", "/"))
        return f"{kind}:{source}:{text(below)}", True
    machine = host.value("/etc/machine-id") + "." + socket.gethostname()
    return f"local:{machine}:{device}", other_users(host, path)


Mount = Tuple[str, str, str, str, str]


def mount_table(host: Host) -> List[Mount]:
    """Return source, target, type, device number and root of each mount; raises Unread."""
    try:
        return parse_mounts(host.read("/proc/self/mountinfo"))
    except OSError as error:
        raise Unread(f"/proc/self/mountinfo: {error.strerror}") from error


def parse_mounts(content: str) -> List[Mount]:
    """Return the mounts of a mountinfo file (proc(5)) without their options."""
    mounts = []
    for line in filter(None, content.split("\n")):
        left, _, right = line.partition(" - ")
        head, tail = left.split(" "), right.split(" ")
        mounts.append(
            (unescaped(tail[1]), unescaped(head[4]), tail[0], head[2], unescaped(head[3]))
        )
    return mounts


def unescaped(value: str) -> str:
    r"""Return a word of mountinfo with its octal escapes (``\040`` for a space) resolved."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), value)


def other_users(host: Host, path: str) -> bool:
    """Whether nova's own note of who uses this folder names more than one host of late."""
    try:
        users = json.loads(host.read(os.path.join(path, "compute_nodes")))
        recent = [seen for seen in users.values() if time.time() - seen < STORAGE_USE_SECONDS]
    except (OSError, ValueError, AttributeError, TypeError):
        return False
    return len(recent) > 1


def read_vm_files(host: Host, out: Output) -> None:
    """Read what libvirt keeps for a domain: NVRAM, TPM, saved memory, snapshots' metadata."""
    volumes = [path for path in LIBVIRT_STATE_VOLUMES if os.path.isdir(host.path(path))]
    state = str(host.parameters["libvirt_state"])
    if volumes and (host.prefixes.get("libvirt") or not os.path.isdir(host.path(state))):
        state = volumes[0]
    if not os.path.isdir(host.path(state)):
        if libvirt_evidence(host):
            raise Unread("libvirt is here but its files are not: set libvirt_state")
        return
    for kind, folder, ending in (
        ("nvram", "qemu/nvram", r"_VARS(\.\w+)?"),
        ("swtpm", "swtpm", ""),
        ("save", "qemu/save", r"\.save"),
        ("snapshot", "qemu/snapshot", ""),
    ):
        print_vm_files(host, out, kind, os.path.join(state, folder), re.compile(ending + r"\Z"))


def print_vm_files(host: Host, out: Output, kind: str, folder: str, ending: Any) -> None:
    """Print the files of one folder under the name of the domain that each belongs to."""
    try:
        names = host.names(folder)
    except Unread as error:
        out.gap("host.vm_files", str(error))
        return
    for name in names:
        if name == QUARANTINE:
            continue
        domain = ending.sub("", text(name))
        path = os.path.join(folder, name)
        try:
            changed = at(os.lstat(host.path(path)).st_mtime)
        except FileNotFoundError:
            continue
        out.row(
            "host.vm_files",
            kind=kind,
            uuid=uuid_or_none(domain) or host.domain_uuids.get(domain),
            name=domain,
            path=text(path),
            changed_at=changed,
        )


# ── connections of volumes ───────────────────────────────────────────────────────────────────


def volume_in(value: str) -> Optional[str]:
    """Return the volume whose id stands in a target's name, as cinder's LVM driver names it."""
    match = VOLUME.search(value)
    return match.group(1) if match else None


def read_iscsi_sessions(host: Host, out: Output) -> None:
    """Read the kernel's iSCSI sessions: a row for each LUN, or one without for a bare session."""
    for session in host.names("/sys/class/iscsi_session"):
        base = "/sys/class/iscsi_session/" + session
        iqn, sid = host.value(base + "/targetname"), int(re.sub(r"\D", "", session) or 0)
        common = {"sid": sid, "portal": portal(host, sid), "iqn": iqn, "volume": volume_in(iqn)}
        luns = list(session_luns(host, base + "/device"))  # type: List[Tuple[Any, Any]]
        for lun, device in luns or [(None, None)]:
            out.row("host.iscsi_sessions", lun=lun, device=device, **common)


def portal(host: Host, sid: int) -> str:
    """Return address and port of a session's first connection."""
    base = f"/sys/class/iscsi_connection/connection{sid}:0/"
    address = host.value(base + "persistent_address") or host.value(base + "address")
    port = host.value(base + "persistent_port") or host.value(base + "port")
    return "{}:{}".format("[" + address + "]" if ":" in address else address, port)


def session_luns(host: Host, base: str) -> Iterator[Tuple[int, Optional[str]]]:
    """Yield number and block device of each LUN below a session's device."""
    for target in host.names(base):
        if not target.startswith("target"):
            continue
        for unit in host.names(base + "/" + target):
            if re.match(r"\d+:\d+:\d+:\d+\Z", unit):
                devices = host.names(f"{base}/{target}/{unit}/block")
                yield int(unit.rpartition(":")[2]), text(devices[0]) if devices else None


def read_iscsi_nodes(host: Host, out: Output) -> None:
    """Read the targets that open-iscsi remembers; of a record, which holds passwords, one value."""
    for folder in ("/etc/iscsi/nodes", "/var/lib/iscsi/nodes"):
        for iqn in host.names(folder):
            for place in host.names(folder + "/" + iqn):
                address, port = ([*place.split(","), ""])[:2]
                name = "[" + address + "]" if ":" in address else address
                out.row(
                    "host.iscsi_nodes",
                    portal=text(f"{name}:{port}"),
                    iqn=text(iqn),
                    startup=node_startup(host, f"{folder}/{iqn}/{place}"),
                    volume=volume_in(iqn),
                )


def node_startup(host: Host, path: str) -> Optional[str]:
    """Return ``node.startup`` of a record, which is a file or a folder of one per interface."""
    if os.path.isdir(host.path(path)):
        records = [path + "/" + name for name in host.names(path)]
    else:
        records = [path]
    for record in records:
        match = re.search(r"^node\.startup\s*=\s*(\w+)\s*$", host.value(record), re.MULTILINE)
        if match:
            return match.group(1)
    return None


def read_multipaths(host: Host, out: Output) -> None:
    """Read the multipath maps of device-mapper, also those that multipathd has forgotten."""
    for block in host.names("/sys/block"):
        kind, _, wwid = host.value(f"/sys/block/{block}/dm/uuid").partition("-")
        if kind != "mpath":
            continue
        devices = [text(name) for name in host.names(f"/sys/block/{block}/slaves")]
        name = host.value(f"/sys/block/{block}/dm/name")
        working = [d for d in devices if host.value(f"/sys/block/{d}/device/state") == "running"]
        joined = ",".join(devices)
        out.row("host.multipaths", name=name, wwid=wwid, devices=joined, paths=len(working))


def read_mounts(host: Host, out: Output) -> None:
    """Read the mounts of volumes and shares (below nova's ``mnt``), and that of the instances."""
    try:
        settings = nova_settings(host)
    except Absent:
        settings = {}
    bases = {with_state(host, "$state_path/mnt", settings), state_path(settings) + "/mnt"}
    for option, value in settings.items():
        if option.startswith("libvirt.") and option.endswith("_mount_point_base"):
            bases.add(with_state(host, value, settings))
    try:
        instances = instances_path(host)
    except (Absent, Unread):
        instances = ""  # told by host.instance_dirs
    for source, target, kind, _, _ in mount_table(host):
        ours = target == instances or any(target.startswith(b.rstrip("/") + "/") for b in bases)
        if ours or re.search(r"/mnt/[0-9a-f]{32}\Z", target):
            out.row("host.mounts", source=text(source), target=text(target), type=kind)


def read_rbd_maps(host: Host, out: Output) -> None:
    """Read the rbd images that the kernel has mapped."""
    for number in host.names("/sys/bus/rbd/devices"):
        base = f"/sys/bus/rbd/devices/{number}/"
        out.row(
            "host.rbd_maps",
            pool=host.value(base + "pool"),
            image=host.value(base + "name"),
            snap=host.value(base + "current_snap"),
            device="/dev/rbd" + number,
        )


# ── the host itself, and Ceph ────────────────────────────────────────────────────────────────


def read_facts(host: Host, out: Output) -> None:
    """Read who this host is; what is only a help to name it may be missing."""
    try:
        settings = nova_settings(host)
    except (Absent, Unread):
        settings = {}
    hypervisor, libvirt = hypervisor_name(host)
    try:
        path = instances_path(host)  # type: Optional[str]
    except (Absent, Unread):
        path = None
    out.row(
        "host.facts",
        hostname=socket.gethostname(),
        fqdn=socket.getfqdn(),
        nova_host=settings.get("DEFAULT.host") or None,
        machine_id=host.value("/etc/machine-id"),
        hypervisor_hostname=hypervisor,
        instances_path=path,
        kernel=os.uname().release,
        clock=at(time.time()),
        libvirt=libvirt,
        vswitch=has_vswitch(host),
    )


def hypervisor_name(host: Host) -> Tuple[Optional[str], bool]:
    """Return the name by which libvirt knows this host, and whether there is a libvirt at all."""
    try:
        return host.run([*virsh(host), "hostname"]).strip() or None, True
    except Absent:
        return None, False
    except Unread:
        return None, True


def has_vswitch(host: Host) -> bool:
    """Whether Open vSwitch is on this host, readable or not."""
    try:
        vsctl(host)
    except Absent:
        return False
    except Unread:
        return True
    return True


def rbd(host: Host, *words: str) -> Any:
    """Return the JSON that an rbd command prints; raises Unread."""
    argv = [str(word) for word in host.parameters["ceph_prefix"]] + ["rbd"]
    argv += [str(word) for word in host.parameters["ceph_arguments"]]
    output = host.run(argv + list(words) + ["--format", "json"])
    try:
        return json.loads(output)
    except ValueError:
        raise Unread(f"rbd {words[0]} printed no JSON") from None


def read_ceph(host: Host, out: Output) -> None:
    """Read the images of the pools that were asked for, those in the trash too."""
    pools = [str(pool) for pool in host.parameters["ceph_pools"]]
    for pool in pools:
        try:
            images = [(str(name), False) for name in rbd(host, "ls", "-p", pool)]
            images += [(str(row["name"]), True) for row in rbd(host, "trash", "ls", "-p", pool)]
        except Unread as error:
            out.gap("ceph.pools", f"pool {pool}: {error}")
            out.gap("ceph.images", f"pool {pool}: {error}")
            continue
        out.row("ceph.pools", name=pool)
        for name, in_trash in images:
            print_image(host, out, pool, name, in_trash)


def print_image(host: Host, out: Output, pool: str, name: str, in_trash: bool) -> None:
    """Print one image; its watchers are counted only when that was asked for (one call each)."""
    plain = name[len("volume-") :] if name.startswith("volume-") else name
    uuid, suffix = uuid_and_suffix(plain)
    out.row(
        "ceph.images",
        pool=pool,
        name=name,
        uuid=uuid,
        suffix=suffix,
        in_trash=in_trash,
        bytes=None,
        watchers=None if in_trash else watchers(host, out, pool, name),
    )


def watchers(host: Host, out: Output, pool: str, name: str) -> Optional[int]:
    """Return how many clients have an image open, None when nobody asked."""
    if pool + "/" + name not in host.parameters["ceph_watchers"]:
        return None
    try:
        status = rbd(host, "status", "--pool", pool, "--image", name)
        return len(status.get("watchers", []))
    except Unread as error:
        out.gap("ceph.images", f"watchers of {pool}/{name}: {error}")
        return None


# ── all together ─────────────────────────────────────────────────────────────────────────────

CEPH_TABLES = ("ceph.pools", "ceph.images")
DOMAIN_TABLES = ("libvirt.domains", "libvirt.disks", "libvirt.interfaces")

# Referrers first: a tap, a directory or a session before the domain that they serve, so that a VM
# that starts meanwhile never looks like a thing without a domain. Files of libvirt carry a
# domain's name instead of its UUID and come behind it.
READERS = (
    (("host.facts",), read_facts),
    (("vswitch.bridges", "vswitch.ports", "vswitch.interfaces"), read_vswitch),
    (("host.links",), read_links),
    (("host.iscsi_sessions",), read_iscsi_sessions),
    (("host.iscsi_nodes",), read_iscsi_nodes),
    (("host.multipaths",), read_multipaths),
    (("host.mounts",), read_mounts),
    (("host.rbd_maps",), read_rbd_maps),
    (("host.instance_dirs",), read_instances),
    (("host.base_images",), read_base_images),
    (("libvirt.processes",), read_processes),
    (DOMAIN_TABLES, read_domains),
    (("host.vm_files",), read_vm_files),
    (CEPH_TABLES, read_ceph),
)  # type: Tuple[Tuple[Tuple[str, ...], Callable[[Host, Output], None]], ...]


def look(parameters: Row) -> None:
    """Read everything that was asked for and print it."""
    host = Host(parameters)
    asked = host.parameters["tables"]
    skipped = () if host.parameters["ceph_pools"] else CEPH_TABLES
    every = [table for tables, _ in READERS for table in tables if table not in skipped]
    out = Output([table for table in every if asked is None or table in asked])
    signal.alarm(int(host.parameters["total_seconds"]))
    for tables, reader in READERS:
        wanted = [table for table in tables if out.wants(table)]
        if wanted:
            failure = failure_of(reader, host, out)
            for table in wanted:
                out.close(table, failure)
            sys.stdout.flush()
    signal.alarm(0)
    print_line({"end": True})


def failure_of(reader: Callable[[Host, Output], None], host: Host, out: Output) -> str:
    """Return why a reader stopped before its end, "" when it did not.

    Whatever goes wrong in one reader is that reader's failure and is printed as such: the other
    tables of the host are still worth having.
    """
    try:
        reader(host, out)
    except Absent:
        return ""
    except Unread as error:
        return str(error)
    except OSError as error:
        return "{}: {}".format(text(str(error.filename or "")), error.strerror)
    except Exception as error:  # noqa: BLE001  a fault in one reader costs its own tables only
        return f"the probe failed: {type(error).__name__}: {error}"
    return ""


def main(argv: List[str]) -> int:
    """Look with the parameters of the command line; 2 when they cannot be used."""
    try:
        parameters = json.loads(argv[1]) if len(argv) > 1 else {}
        look(parameters)
    except (ValueError, Unread) as error:
        sys.stderr.write(f"look.py: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
