"""The probe that acts refuses whatever has not the form of what it may touch."""

from __future__ import annotations

import ast
import json
import os
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from stackfsck.probe import act

if TYPE_CHECKING:
    from pathlib import Path

VM = "5895512d-4a69-4bba-b17c-3656a1d73f55"
DOMAIN = "instance-0000001d"
IQN = f"iqn.2010-10.org.openstack:volume-{VM}"
TOO_NEW = {
    "removeprefix", "removesuffix", "fromisoformat", "capture_output", "dataclass",
    "isascii", "cached_property", "is_relative_to", "hardlink_to", "pairwise",
}  # fmt: skip


def ask(kind: str, verb: str, subject: object, **more: object) -> dict[str, Any]:
    request = {"kind": kind, "verb": verb, "want": "look", "run": "run-1", "subject": subject}
    return act.answer({**request, **more})


@pytest.mark.parametrize(
    ("kind", "verb", "subject"),
    [
        ("domain", "stop", {"uuid": "--all"}),
        ("domain", "stop", {"uuid": DOMAIN}),
        ("domain", "stop", {"uuid": VM.upper()}),
        ("domain", "stop", {"uuid": f"{VM}\n"}),
        ("domain", "undefine", {"uuid": f"{VM}; destroy"}),
        ("domain", "undefine", {"uuid": [VM]}),
        ("domain", "undefine", {}),
        ("switch_port", "delete", {"port": "--all"}),
        ("switch_port", "delete", {"port": "-- del-br br-int"}),
        ("link", "delete", {"name": "eth0"}),
        ("link", "delete", {"name": "br-int"}),
        ("link", "delete", {"name": "tap72fb4c4d-ee9"}),
        ("link", "delete", {"name": "../tap72fb4c4d-ee"}),
        ("iscsi_session", "log_out", {"iqn": "../../etc"}),
        ("iscsi_session", "log_out", {"iqn": f"{IQN} --logoutall=all"}),
        ("iscsi_node", "delete", {"iqn": "."}),
        ("multipath", "flush", {"name": "-F"}),
        ("rbd_map", "unmap", {"device": "/dev/sda"}),
        ("rbd_map", "unmap", {"device": "/dev/rbd/vms/x"}),
        ("share", "unmount", {"target": "/var/lib/nova/instances"}),
        ("share", "unmount", {"target": "/"}),
        ("rbd_image", "trash", {"pool": "vms", "image": "golden"}),
        ("rbd_image", "trash", {"pool": "--all", "image": f"{VM}_disk"}),
        ("file", "quarantine", {"kind": "nvram", "path": "/etc/passwd"}),
        ("file", "quarantine", {"kind": "base", "path": f"/var/lib/nova/{VM}"}),
        ("file", "quarantine", {"kind": "swtpm", "path": f"/var/lib/swtpm/../{VM}"}),
    ],
)
def test_what_has_not_its_form_is_refused(kind: str, verb: str, subject: object) -> None:
    assert "refused" in ask(kind, verb, subject)


@pytest.mark.parametrize("name", ["..", ".", "", "_base", f"{VM}/..", f"../{VM}", f"{VM}_base"])
def test_only_directories_of_instances_are_looked_at(tmp_path: Path, name: str) -> None:
    answer = ask("directory", "quarantine", {"name": name, "instances_path": str(tmp_path)})
    assert "refused" in answer


@pytest.mark.parametrize("path", ["/", "", "instances", "/nonexistent/instances", "/a\n/b"])
def test_no_other_folder_is_an_instances_path(path: str) -> None:
    assert "refused" in ask("directory", "quarantine", {"name": VM, "instances_path": path})


def test_a_file_in_the_place_of_a_folder_of_libvirt_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "nvram"
    folder.mkdir()
    path = folder / f"{DOMAIN}_VARS.fd"
    path.touch()
    answer = ask("file", "quarantine", {"kind": "nvram", "path": str(path)})
    assert "does not lie in libvirt's folder" in answer["refused"]


def test_a_link_to_a_file_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "qemu" / "nvram"
    folder.mkdir(parents=True)
    path = folder / f"{DOMAIN}_VARS.fd"
    path.symlink_to("/etc/hostname")
    answer = ask("file", "quarantine", {"kind": "nvram", "path": str(path)})
    assert "neither a directory nor a file" in answer["refused"]


@pytest.mark.parametrize(
    ("kind", "verb", "more"),
    [
        ("domain", "delete", {}),
        ("volume", "stop", {}),
        ("domain", "stop", {"want": "destroy"}),
        ("domain", "stop", {"run": "../run"}),
        ("domain", "stop", {"run": ""}),
        ("domain", "stop", {"parameters": {"shell": True}}),
    ],
)
def test_what_it_does_not_know_is_refused(kind: str, verb: str, more: dict[str, object]) -> None:
    assert "refused" in ask(kind, verb, {"uuid": VM}, **more)


def test_a_subject_that_is_no_object_is_refused() -> None:
    assert "refused" in ask("domain", "stop", [VM])


def test_another_machine_is_refused(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "machine-id").write_text("a" * 32 + "\n")
    parameters = {"root": str(tmp_path)}
    answer = ask("link", "delete", {"name": "tap72fb4c4d-ee"}, parameters=parameters, machine="b")
    assert answer == {"refused": f"this machine is {'a' * 32}, not b"}


def put(root: Path, path: str, text: str = "") -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host made of files, and tools that only write down how they were called."""
    log = tmp_path / "called"
    log.touch()
    for name in ("multipath", "blockdev", "iscsiadm", "dmsetup"):
        put(tmp_path, f"bin/{name}", f'#!/bin/sh\necho "{name} $*" >> {log}\n')
        (tmp_path / "bin" / name).chmod(0o755)
    put(tmp_path, "bin/virsh", "#!/bin/sh\n")
    (tmp_path / "bin" / "virsh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    put(tmp_path, "proc/self/mountinfo", "1 1 8:1 / / rw - ext4 /dev/sda1 rw\n")
    base = "sys/class/iscsi_session/session3"
    put(tmp_path, f"{base}/targetname", IQN)
    put(tmp_path, f"{base}/device/target3:0:0/3:0:0:1/block/sdz/x")
    put(tmp_path, "sys/class/iscsi_connection/connection3:0/persistent_address", "192.0.2.5")
    put(tmp_path, "sys/class/iscsi_connection/connection3:0/persistent_port", "3260")
    put(tmp_path, "sys/block/sdz/dev", "65:144\n")
    put(tmp_path, "sys/block/sdz/device/delete")
    put(tmp_path, "sys/block/sdz/holders/dm-7")
    put(tmp_path, "sys/block/dm-7/dev", "253:7\n")
    put(tmp_path, "sys/block/dm-7/dm/uuid", "mpath-36001")
    put(tmp_path, "sys/block/dm-7/dm/name", "mpathz")
    put(tmp_path, "sys/block/dm-7/slaves/sdz")
    put(tmp_path, f"etc/iscsi/nodes/{IQN}/192.0.2.5,3260,1/default", "node.session.auth = secret")
    return tmp_path


def on(root: Path, want: str, seen: object = None) -> dict[str, Any]:
    more = {"want": want, "seen": seen, "parameters": {"root": str(root)}}
    return ask("iscsi_session", "log_out", {"iqn": IQN}, **more)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root sees which files are open")
def test_devices_go_before_the_session_and_its_record(tools: Path) -> None:
    seen = on(tools, "look")["image"]
    answer = on(tools, "do", seen)
    assert answer == {"failed": "it was tried and nothing changed"}  # these files stay, of course
    assert (tools / "called").read_text().splitlines() == [
        "multipath -f mpathz",
        "blockdev --flushbufs /dev/sdz",
        "iscsiadm -m session -r 3 --logout",
    ]
    assert (tools / "sys/block/sdz/device/delete").read_text() == "1"
    assert not (tools / "etc/iscsi/nodes" / IQN).exists()
    kept = tools / "etc/iscsi/.stackfsck-quarantine/run-1" / IQN / "192.0.2.5,3260,1/default"
    assert kept.read_text() == "node.session.auth = secret"
    assert "secret" not in json.dumps(seen)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root sees which files are open")
@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("sys/block/dm-7/holders/dm-8", "", "dm-7 is held by dm-8"),
        ("sys/block/dm-7/dm/uuid", "LVM-1", "the volume is held by dm-7"),
        ("sys/block/dm-7/slaves/sdq", "", "dm-7 has more paths: sdq"),
        ("proc/self/mountinfo", "1 1 65:144 / /srv rw - ext4 /dev/sdz rw\n", "mounted on /srv"),
        ("bin/virsh", f"#!/bin/sh\ncase $* in *list*) echo {VM};; *) echo {IQN};; esac", "uses"),
    ],
)
def test_a_volume_in_use_stays_connected(tools: Path, path: str, text: str, why: str) -> None:
    put(tools, path, text)
    seen = on(tools, "look")["image"]
    assert why in on(tools, "do", seen)["refused"]
    assert (tools / "called").read_text() == ""


def script() -> bytes:
    return resources.files("stackfsck.probe").joinpath("act.py").read_bytes()


def test_it_is_written_in_the_python_of_old() -> None:
    tree = ast.parse(script(), feature_version=(3, 6))
    methods = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    keywords = {n.arg for n in ast.walk(tree) if isinstance(n, ast.keyword)}
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    generic = {
        n.value.id
        for n in ast.walk(tree)
        if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Name)
    }
    assert (methods | keywords) & TOO_NEW == set()
    assert generic & {"dict", "list", "tuple", "set", "type"} == set()
    assert not names & {"eval", "exec", "compile", "__import__"}
    assert not methods & {"system", "popen"}
    assert "shell" not in keywords
