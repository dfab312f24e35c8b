#!/usr/bin/env python3
"""Do one guarded thing on a compute host: look, compare with what was seen, act, look again.

Sent over ssh on standard input (``python3 -I -B - REQUEST < act.py``), so it is one file and
needs nothing but Python 3.6 and its standard library. The one argument is a JSON object:

* ``kind``, ``verb``: which act, see `ACTS`; anything else is refused,
* ``subject``: what it is about: names and UUIDs, each checked before it is used,
* ``seen``: the image that an earlier look gave, or null to look only,
* ``undo``: true to put back what ``seen`` says,
* ``parameters``: where the tools are, see `DEFAULTS`.

One JSON line answers: ``{"image": …}`` (null: there is no such thing), ``{"done": …}`` with the
image afterwards, ``{"moved": …}`` with the image that was found instead, ``{"refused": reason}``
when nothing was done, or ``{"failed": reason}`` when it was tried.

No shell is ever used; nothing is deleted that holds data: directories and files are moved aside,
images into Ceph's trash.
"""
# ruff: noqa: ANN401  what tools print is JSON of any shape

import json
import os
import re
import signal
import subprocess
import sys
from typing import Any, Optional

Row = dict[str, Any]
Image = Optional[Row]

DEFAULTS = {
    "command_seconds": 60,
    "libvirt_uri": "qemu:///system",
    "libvirt_prefix": [],
    "vswitch_prefix": [],
    "vswitch_db": None,
    "ceph_prefix": [],
    "ceph_arguments": [],
    "instances_path": None,
    "quarantine": ".stackfsck-quarantine",  # a folder beside what is moved there
    "root": "",
}  # type: Row

UUID_TEXT = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
UUID = re.compile(UUID_TEXT + r"\Z")
DIRECTORY = re.compile(UUID_TEXT + r"(_resize|_del|_revert)?\Z")
DEVICE = re.compile(r"(tap|qvo|qvb|qbr)[0-9a-f]{8}-[0-9a-f]{2}\Z")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z")
IQN = re.compile(r"(iqn|eui|naa)\.[A-Za-z0-9.:_-]{1,220}\Z")
PORTAL = re.compile(r"(\[[0-9a-f:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}(,[0-9]+)?\Z")
IMAGE = re.compile(r"(volume-)?" + UUID_TEXT + r"(_[a-z0-9.-]+)?\Z")
RUN = re.compile(r"[0-9a-z-]{1,40}\Z")


class Refused(Exception):
    """Nothing was done, and the message says why."""


class Failed(Exception):
    """A command did not do what it should."""


class Host:
    """This host and its tools."""

    def __init__(self, parameters: Row) -> None:
        unknown = set(parameters) - set(DEFAULTS)
        if unknown:
            raise Refused("unknown parameters: " + ", ".join(sorted(unknown)))
        self.parameters = dict(DEFAULTS, **parameters)

    def virsh(self, *words: str, given: str = "") -> str:
        """Run virsh on this host's libvirt; `given` is what it reads."""
        prefix = list(self.parameters["libvirt_prefix"] or [])
        return self.run(
            [*prefix, "virsh", "-q", "-c", self.parameters["libvirt_uri"], *words], given
        )

    def vsctl(self, *words: str) -> str:
        """Run ovs-vsctl on this host's database."""
        database = self.parameters["vswitch_db"]
        where = ["--db=" + database] if database else []
        prefix = list(self.parameters["vswitch_prefix"] or [])
        # Without waiting for ovs-vswitchd: the database is the truth, the daemon follows.
        return self.run([*prefix, "ovs-vsctl", "--timeout=30", "--no-wait", *where, *words])

    def rbd(self, *words: str) -> str:
        """Run rbd with the arguments of this site."""
        prefix = list(self.parameters["ceph_prefix"])
        return self.run([*prefix, "rbd", *self.parameters["ceph_arguments"], *words])

    def run(self, argv: list[str]) -> str:
        """Run a command and return what it printed; raises Failed."""
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise Failed(f"{argv[0]}: {error.strerror}") from error
        try:
            output, problems = process.communicate(
                given.encode("utf-8"), timeout=self.parameters["command_seconds"]
            )
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise Failed(f"{argv[0]} gave no answer in time") from None
        if process.returncode != 0:
            said = " ".join(problems.decode("utf-8", "replace").split())[:300]
            raise Failed("%s ended with %d: %s" % (argv[0], process.returncode, said))
        return output.decode("utf-8", "backslashreplace")


def word(subject: Row, name: str, form: "re.Pattern[str]") -> str:
    """Return one word of the subject; raises Refused unless it has its form."""
    value = subject.get(name)
    if not isinstance(value, str) or not form.match(value):
        raise Refused(f"{name} is not what it should be: {value!r}")
    return value


# ── domains ──────────────────────────────────────────────────────────────────────────────────


def look_domain(host: Host, subject: Row) -> Image:
    """See a domain by its UUID: names are given anew, UUIDs are not."""
    uuid = word(subject, "uuid", UUID)
    known = host.virsh("list", "--all", "--uuid").split()
    if uuid not in known:
        return None
    lines = host.virsh("dominfo", uuid).splitlines()
    parts = [line.partition(":") for line in lines]
    details = {name.strip(): what.strip() for name, _, what in parts}
    return {
        "uuid": uuid,
        "name": details.get("Name", ""),
        "state": details.get("State", ""),
        "persistent": details.get("Persistent", "") == "yes",
        "autostart": details.get("Autostart", "") == "enable",
        "saved": details.get("Managed save", "no") == "yes",
        "xml": host.virsh("dumpxml", "--security-info", "--inactive", uuid)
        if details.get("Persistent", "") == "yes"
        else host.virsh("dumpxml", "--security-info", uuid),
    }


def stop_domain(host: Host, subject: Row, image: Row) -> None:
    """Pull the plug of a guest whose UUID is verified."""
    if image["state"] != "shut off":
        host.virsh("destroy", image["uuid"])


def start_domain(host: Host, subject: Row, image: Row) -> None:
    """Start a guest again that was stopped; what was only in its memory is lost."""
    if image["state"] != "shut off":
        host.virsh("start", image["uuid"])


def undefine_domain(host: Host, subject: Row, image: Row) -> None:
    """Take a stopped domain out of libvirt; its variables of firmware stay."""
    if image["state"] != "shut off":
        raise Refused("the domain is {}: stop it first".format(image["state"]))
    if image["saved"]:
        raise Refused("the domain has a managed save: that is the memory of a suspended VM")
    keep = ["--keep-nvram"] if "<nvram" in image["xml"] else []
    host.virsh("undefine", image["uuid"], *keep)


def define_domain(host: Host, subject: Row, image: Row) -> None:
    """Define a domain again as it was."""
    host.virsh("define", "/dev/stdin", given=image["xml"])
    if image["autostart"]:
        host.virsh("autostart", image["uuid"])


# ── switches and links ───────────────────────────────────────────────────────────────────────


def look_port(host: Host, subject: Row) -> Image:
    """See one port of Open vSwitch with all its interfaces."""
    name = word(subject, "port", NAME)
    found = rows(host.vsctl("--format=json", "find", "Port", "name=" + name))
    if not found:
        return None
    bridge = host.vsctl("port-to-br", name).strip()
    interfaces = rows(host.vsctl("--format=json", "find", "Interface", "name=" + name))
    return {
        "port": name,
        "bridge": bridge,
        "tag": found[0].get("tag"),
        "interfaces": [
            {key: one.get(key) for key in ("name", "type", "external_ids", "options")}
            for one in interfaces
        ],
    }


def rows(printed: str) -> list[Row]:
    """Return the rows of ovs-vsctl's JSON; maps and sets become plain ones."""
    table = json.loads(printed) if printed.strip() else {"headings": [], "data": []}
    return [
        {name: plain(value) for name, value in zip(table["headings"], row)} for row in table["data"]
    ]


def plain(value: Any) -> Any:
    """Return one value of OVSDB's notation."""
    if isinstance(value, list) and len(value) == 2 and value[0] == "map":
        return {str(key): item for key, item in value[1]}
    if isinstance(value, list) and len(value) == 2 and value[0] == "set":
        return value[1] or None
    return value


def delete_port(host: Host, subject: Row, image: Row) -> None:
    """Take a port off its bridge."""
    host.vsctl("--if-exists", "del-port", image["bridge"], image["port"])


def add_port(host: Host, subject: Row, image: Row) -> None:
    """Put a port back with its tag and what it says of its VM."""
    words = ["add-port", image["bridge"], image["port"]]
    if image["tag"] is not None:
        words.append("tag=%d" % image["tag"])
    for one in image["interfaces"]:
        words += ["--", "set", "Interface", one["name"]]
        words += ["type=" + one["type"]] if one["type"] else ['type=""']
        for key, value in sorted((one["external_ids"] or {}).items()):
            words.append(f"external_ids:{quoted(key)}={quoted(value)}")
    host.vsctl(*words)


def quoted(value: str) -> str:
    """Write a string as OVSDB reads it."""
    return json.dumps(str(value))


def look_link(host: Host, subject: Row) -> Image:
    """See one device of a VM's port: only tap, qvo, qvb and qbr are ever touched."""
    name = word(subject, "name", DEVICE)
    base = "{}/sys/class/net/{}".format(host.parameters["root"], name)
    if not os.path.isdir(base):
        return None
    master = os.path.join(base, "master")
    return {
        "name": name,
        "mac": value(base + "/address"),
        "master": os.path.basename(os.readlink(master)) if os.path.islink(master) else "",
        "is_bridge": os.path.isdir(base + "/bridge"),
        "is_tap": os.path.exists(base + "/tun_flags"),
        "is_used": os.path.exists(base + "/tun_flags") and value(base + "/carrier") == "1",
        "members": sorted(os.listdir(base + "/brif")) if os.path.isdir(base + "/brif") else [],
        "peer": peer(base),
    }


def peer(base: str) -> str:
    """Return the name of a veth's other end, "" when it is no veth of this namespace."""
    index, link = value(base + "/ifindex"), value(base + "/iflink")
    if not link or link == index:
        return ""
    parent = os.path.dirname(base)
    for name in os.listdir(parent):
        if value(f"{parent}/{name}/ifindex") == link:
            return name
    return ""


def value(path: str) -> str:
    """Return the one value of a file in /sys, "" when it cannot be read."""
    try:
        with open(path) as file:
            return file.read(4096).strip()
    except OSError:
        return ""


def delete_link(host: Host, subject: Row, image: Row) -> None:
    """Remove a device that no guest holds and nothing is plugged into."""
    if image["is_used"]:
        raise Refused("a guest holds the device")
    if image["members"]:
        raise Refused("{} is plugged into it".format(", ".join(image["members"])))
    host.run(["ip", "link", "set", "dev", image["name"], "down"])
    host.run(["ip", "link", "delete", "dev", image["name"]])


def add_link(host: Host, subject: Row, image: Row) -> None:
    """Make a device again, and plug it in where it was."""
    name = image["name"]
    if image["is_bridge"]:
        host.run(["ip", "link", "add", "name", name, "type", "bridge"])
    elif image["is_tap"]:
        host.run(["ip", "tuntap", "add", "dev", name, "mode", "tap"])
    elif DEVICE.match(image["peer"]):
        host.run(["ip", "link", "add", "name", name, "type", "veth", "peer", "name", image["peer"]])
    else:
        raise Failed(f"{name} cannot be made again: its other end is unknown")
    if image["master"] and NAME.match(image["master"]) and not image["master"].startswith("ovs"):
        host.run(["ip", "link", "set", "dev", name, "master", image["master"]])
    host.run(["ip", "link", "set", "dev", name, "up"])


# ── directories and files ────────────────────────────────────────────────────────────────────


def look_directory(host: Host, subject: Row) -> Image:
    """See a directory of an instance, which must lie right below the instances path."""
    name = word(subject, "name", DIRECTORY)
    parent = instances_path(host)
    path = os.path.join(parent, name)
    if not os.path.lexists(path):
        return None
    if os.path.islink(path) or not os.path.isdir(path):
        raise Refused(f"{path} is not a directory")
    if os.path.dirname(os.path.realpath(path)) != parent:
        raise Refused(f"{path} does not lie in {parent}")
    status = os.stat(path)
    count, newest = tree_of(path)
    return {
        "path": path,
        "inode": status.st_ino,
        "device": status.st_dev,
        "files": count,
        "newest": newest,
    }


def instances_path(host: Host) -> str:
    """Return the real path of the instances; raises Refused when it is not told or not there."""
    path = host.parameters["instances_path"]
    if not path or not os.path.isdir(path):
        raise Refused(f"there is no instances path {path!r}")
    real = os.path.realpath(path)
    if real == "/" or real.count("/") < 2:
        raise Refused(f"{real} cannot be an instances path")
    return real


def tree_of(path: str) -> "tuple[int, int]":
    """Return how many files a directory holds and when the newest changed, in seconds."""
    count, newest = 0, int(os.stat(path).st_mtime)
    for folder, _, files in os.walk(path):
        for name in files:
            count += 1
            newest = max(newest, int(os.lstat(os.path.join(folder, name)).st_mtime))
    return count, newest


def quarantine(host: Host, subject: Row, image: Row) -> None:
    """Move a directory aside, on the same filesystem: nothing is copied, nothing is lost."""
    target = quarantined(host, subject)
    os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
    if os.path.lexists(target):
        raise Refused(f"{target} is there already")
    os.rename(image["path"], target)


def restore(host: Host, subject: Row, image: Row) -> None:
    """Move a directory back to where it was."""
    if os.path.lexists(image["path"]):
        raise Refused("{} is there again".format(image["path"]))
    os.rename(quarantined(host, subject), image["path"])


def quarantined(host: Host, subject: Row) -> str:
    """Return where a directory lies in quarantine."""
    folder = str(host.parameters["quarantine"])
    if "/" in folder or folder in ("", ".", ".."):
        raise Refused("the quarantine must be a plain name")
    name, run = word(subject, "name", DIRECTORY), word(subject, "run", RUN)
    return os.path.join(instances_path(host), folder, run, name)


# ── storage ──────────────────────────────────────────────────────────────────────────────────


def look_session(host: Host, subject: Row) -> Image:
    """See the iSCSI session to one target, by its name and portal."""
    iqn, portal = word(subject, "iqn", IQN), word(subject, "portal", PORTAL)
    try:
        printed = host.run(["iscsiadm", "-m", "session"])
    except Failed as error:
        if "No active sessions" in str(error) or "with 21" in str(error):
            return None
        raise
    for line in printed.splitlines():
        if iqn in line.split() and portal.split(",")[0] in line:
            return {"iqn": iqn, "portal": portal.split(",")[0]}
    return None


def log_out(host: Host, subject: Row, image: Row) -> None:
    """End a session for good: not to be started again, logged out, its record removed."""
    node = ["iscsiadm", "-m", "node", "-T", image["iqn"], "-p", image["portal"]]
    host.run([*node, "--op", "update", "-n", "node.startup", "-v", "manual"])
    host.run([*node, "--logout"])
    host.run([*node, "--op", "delete"])


def log_in(host: Host, subject: Row, image: Row) -> None:
    """Make the record again and log in; secrets of CHAP come from cinder, not from here."""
    node = ["iscsiadm", "-m", "node", "-T", image["iqn"], "-p", image["portal"]]
    host.run([*node, "--op", "new"])
    host.run([*node, "--login"])


def look_image(host: Host, subject: Row) -> Image:
    """See one image of a pool, and who watches it."""
    pool, name = word(subject, "pool", NAME), word(subject, "image", IMAGE)
    names = json.loads(host.rbd("ls", "--format", "json", "--", pool))
    if name not in names:
        return None
    info = json.loads(host.rbd("info", "--format", "json", f"{pool}/{name}"))
    status = json.loads(host.rbd("status", "--format", "json", f"{pool}/{name}"))
    return {
        "pool": pool,
        "image": name,
        "id": info.get("id"),
        "bytes": info.get("size"),
        "watchers": len(status.get("watchers") or []),
    }


def trash_image(host: Host, subject: Row, image: Row) -> None:
    """Move an image that nobody watches into the trash of its pool."""
    if image["watchers"]:
        raise Refused("somebody has the image open")
    host.rbd("trash", "mv", "{}/{}".format(image["pool"], image["image"]))


def restore_image(host: Host, subject: Row, image: Row) -> None:
    """Take an image out of the trash under its old name."""
    host.rbd(
        "trash", "restore", "--image", image["image"], "{}/{}".format(image["pool"], image["id"])
    )


# ── the one act ──────────────────────────────────────────────────────────────────────────────

ACTS = {
    ("domain", "stop"): (look_domain, stop_domain, start_domain),
    ("domain", "undefine"): (look_domain, undefine_domain, define_domain),
    ("switch_port", "delete"): (look_port, delete_port, add_port),
    ("link", "delete"): (look_link, delete_link, add_link),
    ("directory", "quarantine"): (look_directory, quarantine, restore),
    ("iscsi_session", "log_out"): (look_session, log_out, log_in),
    ("rbd_image", "trash"): (look_image, trash_image, restore_image),
}


def answer(request: Row) -> Row:
    """Do what a request asks for, and say what came of it."""
    act = ACTS.get((str(request.get("kind")), str(request.get("verb"))))
    subject, seen = request.get("subject"), request.get("seen")
    if act is None or not isinstance(subject, dict):
        return {"refused": "there is no such act"}
    look, do, undo = act
    try:
        host = Host(request.get("parameters") or {})
        image = look(host, subject)
        if seen is None:
            return {"image": image}
        if request.get("undo"):
            undo(host, subject, seen)
        elif image != seen:
            return {"moved": image}
        else:
            do(host, subject, seen)
        return {"done": look(host, subject)}
    except Refused as error:
        return {"refused": str(error)}
    except (Failed, OSError, ValueError, KeyError) as error:
        return {"failed": f"{type(error).__name__}: {error}"}


def main(argv: list[str]) -> int:
    """Answer the one request of the command line."""
    try:
        request = json.loads(argv[1])
    except (IndexError, ValueError):
        request = {}
    sys.stdout.write(json.dumps(answer(request)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
