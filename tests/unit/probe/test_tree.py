"""The probe on a made-up host: a folder with the /sys, /proc, /etc and /var of a compute host."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from stackfsck.probe import look

if TYPE_CHECKING:
    from pathlib import Path

Rows = dict[str, list[dict[str, Any]]]
Ask = Callable[..., tuple[Rows, dict[str, str], str]]

VM = "5895512d-4a69-4bba-b17c-3656a1d73f55"
VOLUME = "9a41d840-a11e-4581-b88d-750073a02fd3"
IQN = f"iqn.2010-10.org.openstack:volume-{VOLUME}"
PASSWORD = "chap-secret"


def put(root: Path, path: str, text: str = "") -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.fixture
def host(tmp_path: Path) -> Path:
    put(tmp_path, "etc/machine-id", "3d1219c7c4c5404aaa1f6d2a48adfda4\n")
    put(tmp_path, "etc/nova/nova.conf", "[DEFAULT]\nhost = cmp-1\nstate_path = /var/lib/nova\n")
    put(tmp_path, "proc/self/mountinfo", "1 1 8:1 / / rw - ext4 /dev/sda1 rw\n")
    put(tmp_path, "proc/stat", "btime 1700000000\n")
    put(tmp_path, "proc/1/cmdline", "/sbin/init\0")
    return tmp_path


@pytest.fixture
def ask(host: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Look at the host; return rows by table, endings, and the raw output."""

    def look_at(*tables: str, **parameters: object) -> tuple[Rows, dict[str, str], str]:
        capsys.readouterr()
        look.look({"root": str(host), "tables": list(tables), **parameters})
        output = capsys.readouterr().out
        rows: Rows = defaultdict(list)
        endings = {}
        for line in map(json.loads, output.splitlines()):
            if "r" in line:
                rows[line["t"]].append(line["r"])
            elif "t" in line:
                endings[line["t"]] = str(
                    next(line[word] for word in ("failed", "partial", "done") if word in line)
                )
        return rows, endings, output

    return look_at


def test_sessions_with_and_without_luns(host: Path, ask: Ask) -> None:
    base = "sys/class/iscsi_session/session"
    put(host, f"{base}1/targetname", f"{IQN}\n")
    put(host, f"{base}1/device/target2:0:0/2:0:0:1/block/sdb/size", "1")
    put(host, f"{base}1/device/target2:0:0/2:0:0:2/block/sdc/size", "1")
    put(host, f"{base}7/targetname", "iqn.array:shared\n")
    put(host, "sys/class/iscsi_connection/connection1:0/persistent_address", "10.0.0.9\n")
    put(host, "sys/class/iscsi_connection/connection1:0/persistent_port", "3260\n")
    put(host, "sys/class/iscsi_connection/connection7:0/address", "fd00::9\n")
    put(host, "sys/class/iscsi_connection/connection7:0/port", "3260\n")
    rows, endings, _ = ask("host.iscsi_sessions")
    assert endings == {"host.iscsi_sessions": "True"}
    common = {"sid": 1, "portal": "10.0.0.9:3260", "iqn": IQN, "volume": VOLUME}
    assert rows["host.iscsi_sessions"] == [
        {**common, "lun": 1, "device": "sdb"},
        {**common, "lun": 2, "device": "sdc"},
        {
            "sid": 7,
            "portal": "[fd00::9]:3260",
            "iqn": "iqn.array:shared",
            "volume": None,
            "lun": None,
            "device": None,
        },
    ]


def test_nodes_are_told_without_their_passwords(host: Path, ask: Ask) -> None:
    record = f"node.startup = automatic\nnode.session.auth.password = {PASSWORD}\n"
    put(host, f"etc/iscsi/nodes/{IQN}/10.0.0.9,3260,1/default", record)
    put(host, "var/lib/iscsi/nodes/iqn.old/10.0.0.8,3260", "node.startup = manual\n")
    rows, endings, output = ask("host.iscsi_nodes")
    assert endings == {"host.iscsi_nodes": "True"}
    assert rows["host.iscsi_nodes"] == [
        {"portal": "10.0.0.9:3260", "iqn": IQN, "startup": "automatic", "volume": VOLUME},
        {"portal": "10.0.0.8:3260", "iqn": "iqn.old", "startup": "manual", "volume": None},
    ]
    assert PASSWORD not in output


def test_maps_count_the_paths_that_work(host: Path, ask: Ask) -> None:
    put(host, "sys/block/dm-0/dm/uuid", "mpath-360000000000000001\n")
    put(host, "sys/block/dm-0/dm/name", "mpatha\n")
    put(host, "sys/block/dm-0/slaves/sdb/x")
    put(host, "sys/block/dm-0/slaves/sdc/x")
    put(host, "sys/block/sdb/device/state", "running\n")
    put(host, "sys/block/sdc/device/state", "offline\n")
    put(host, "sys/block/dm-1/dm/uuid", "LVM-abc\n")
    rows, _, _ = ask("host.multipaths")
    assert rows["host.multipaths"] == [
        {"name": "mpatha", "wwid": "360000000000000001", "devices": "sdb,sdc", "paths": 1}
    ]


def test_images_that_the_kernel_has_mapped(host: Path, ask: Ask) -> None:
    for name, value in (("pool", "vms"), ("name", f"{VM}_disk"), ("current_snap", "-")):
        put(host, f"sys/bus/rbd/devices/3/{name}", value + "\n")
    rows, _, _ = ask("host.rbd_maps")
    assert rows["host.rbd_maps"] == [
        {"pool": "vms", "image": f"{VM}_disk", "snap": "-", "device": "/dev/rbd3"}
    ]


def test_directories_with_hostile_names(host: Path, ask: Ask) -> None:
    instances = host / "var/lib/nova/instances"
    odd = [f"{VM}_resize\n..;etc", "'; drop table", "\x1b[31mred", "$(reboot)"]
    for name in [VM, *odd, "_base", "locks", "snapshots"]:
        (instances / name).mkdir(parents=True)
    (instances / os.fsdecode(b"\xff\xfe")).mkdir()
    put(instances, f"{VM}/disk", "x")
    put(instances, "compute_nodes", "{}")
    rows, endings, output = ask("host.instance_dirs")
    found = {row["name"]: row for row in rows["host.instance_dirs"]}
    assert endings == {"host.instance_dirs": "True"}
    assert found.keys() == {VM, *odd, "\\xff\\xfe"}
    assert (found[VM]["uuid"], found[VM]["files"], found[VM]["shared"]) == (VM, 1, False)
    assert found[odd[0]]["suffix"] == "_resize\n..;etc"
    assert found[VM]["path"] == f"/var/lib/nova/instances/{VM}"
    assert "\x1b" not in output


def test_a_young_file_makes_a_directory_young(host: Path, ask: Ask) -> None:
    folder = host / "var/lib/nova/instances" / VM
    put(folder, "disk", "x")
    os.utime(folder / "disk", (1_800_000_000, 1_800_000_000))
    os.utime(folder, (1_700_000_000, 1_700_000_000))
    rows, _, _ = ask("host.instance_dirs")
    assert rows["host.instance_dirs"][0]["changed_at"] == "2027-01-15T08:00:00"


def test_one_export_is_one_store_on_every_host(host: Path, ask: Ask) -> None:
    (host / "var/lib/nova/instances" / VM).mkdir(parents=True)
    mounts = (
        "1 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        "2 1 0:50 / /var/lib/nova/instances rw - nfs4 filer:/nova rw,sec=sys\n"
    )
    put(host, "proc/self/mountinfo", mounts)
    rows, _, _ = ask("host.instance_dirs")
    (row,) = rows["host.instance_dirs"]
    assert (row["shared"], row["store"]) == (True, "nfs4:filer:/nova:/")


def test_what_nova_notes_about_a_shared_folder_counts(host: Path, ask: Ask) -> None:
    (host / "var/lib/nova/instances" / VM).mkdir(parents=True)
    users = {"cmp-1": 4e9, "cmp-2": 4e9}
    put(host, "var/lib/nova/instances/compute_nodes", json.dumps(users))
    rows, _, _ = ask("host.instance_dirs")
    assert rows["host.instance_dirs"][0]["shared"] is True


def test_kollas_volume_stands_for_novas_folder(host: Path, ask: Ask) -> None:
    volume = "var/lib/docker/volumes/nova_compute/_data/instances"
    (host / volume / VM).mkdir(parents=True)
    rows, _, _ = ask("host.instance_dirs")
    assert rows["host.instance_dirs"][0]["path"] == f"/{volume}/{VM}"


def test_a_missing_folder_of_a_compute_host_is_not_an_empty_one(ask: Ask) -> None:
    _, endings, _ = ask("host.instance_dirs", "host.base_images")
    assert "set instances_path" in endings["host.instance_dirs"]
    assert "set instances_path" in endings["host.base_images"]


def test_a_host_without_nova_has_no_instances(host: Path, ask: Ask) -> None:
    (host / "etc/nova/nova.conf").unlink()
    _, endings, _ = ask("host.instance_dirs")
    assert endings == {"host.instance_dirs": "True"}


def test_files_of_libvirt_carry_the_name_of_the_domain(host: Path, ask: Ask) -> None:
    for path in (
        "qemu/nvram/instance-00000007_VARS.fd",
        "qemu/nvram/instance-00000008_VARS.qcow2",
        f"swtpm/{VM}/tpm2/state",
        "qemu/save/instance-00000009.save",
        "qemu/snapshot/instance-0000000a/s1.xml",
    ):
        put(host, f"var/lib/libvirt/{path}")
    rows, endings, _ = ask("host.vm_files")
    assert endings == {"host.vm_files": "True"}
    assert [(row["kind"], row["name"], row["uuid"]) for row in rows["host.vm_files"]] == [
        ("nvram", "instance-00000007", None),
        ("nvram", "instance-00000008", None),
        ("swtpm", VM, VM),
        ("save", "instance-00000009", None),
        ("snapshot", "instance-0000000a", None),
    ]


def test_only_mounts_of_nova_are_told(host: Path, ask: Ask) -> None:
    put(
        host,
        "proc/self/mountinfo",
        "1 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        "2 1 0:51 / /home rw - nfs4 filer:/home rw\n"
        "3 1 0:52 / /var/lib/nova/mnt/0123456789abcdef0123456789abcdef rw - nfs filer:/vol rw\n",
    )
    rows, _, _ = ask("host.mounts")
    assert rows["host.mounts"] == [
        {
            "source": "filer:/vol",
            "target": "/var/lib/nova/mnt/0123456789abcdef0123456789abcdef",
            "type": "nfs",
        }
    ]


def test_processes_give_away_no_keys(host: Path, ask: Ask) -> None:
    words = ["/usr/bin/qemu-system-x86_64", "-name", "guest=instance-00000007,debug-threads=on"]
    words += ["-object", f'{{"qom-type":"secret","data":"{PASSWORD}"}}', "-uuid", VM]
    put(host, "proc/4307/cmdline", "\0".join(words) + "\0")
    put(host, "proc/4307/stat", f"4307 (qemu) {' '.join(['0'] * 18)} 0 100 0\n")
    put(host, "proc/4308/cmdline", "bash\0-c\0qemu-system-x86_64 -uuid x\0")
    rows, endings, output = ask("libvirt.processes")
    assert endings == {"libvirt.processes": "True"}
    (row,) = rows["libvirt.processes"]
    assert (row["pid"], row["uuid"], row["name"]) == (4307, VM, "instance-00000007")
    assert PASSWORD not in output


def test_guests_of_other_pid_namespaces_are_not_of_this_host(host: Path, ask: Ask) -> None:
    for pid, namespace in (("self", "pid:[1]"), ("4307", "pid:[1]"), ("4308", "pid:[2]")):
        put(host, f"proc/{pid}/cmdline", f"qemu-system-x86_64\0-uuid\0{VM}\0")
        put(host, f"proc/{pid}/stat", f"{pid} (qemu) {' '.join(['0'] * 18)} 0 100 0\n")
        (host / f"proc/{pid}/ns").mkdir()
        (host / f"proc/{pid}/ns/pid").symlink_to(namespace)
    rows, _, _ = ask("libvirt.processes")
    assert [row["pid"] for row in rows["libvirt.processes"]] == [4307]


def test_hidden_processes_are_not_absent_ones(host: Path, ask: Ask) -> None:
    put(host, "proc/1/cmdline", "")
    _, endings, _ = ask("libvirt.processes")
    assert "hidepid" in endings["libvirt.processes"]


def test_libvirt_without_a_virsh_fails(
    host: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "found", lambda _name: False)
    monkeypatch.setattr(look, "read_domains_by_library", lambda _host, _out: False)
    _, endings, _ = ask("libvirt.domains", "vswitch.ports")
    assert endings == {"libvirt.domains": "True", "vswitch.ports": "True"}
    put(host, "proc/77/cmdline", "/usr/sbin/libvirtd\0")
    put(host, "run/openvswitch/db.sock")
    _, endings, _ = ask("libvirt.domains", "vswitch.ports")
    assert "set libvirt_prefix" in endings["libvirt.domains"]
    assert "set vswitch_prefix" in endings["vswitch.ports"]


def test_a_container_of_a_known_name_is_entered(
    host: Path, ask: Ask, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path_factory.mktemp("bin")
    (tools / "docker").write_text(
        "#!/bin/sh\n"
        f'echo "$*" >> {tools}/calls\n'
        'case "$*" in\n'
        '"exec nova_libvirt virsh --version") ;;\n'
        '"exec nova_libvirt env LC_ALL=C virsh -q -r -c qemu:///system list"*) ;;\n'
        "*) exit 1;;\n"
        "esac\n"
    )
    (tools / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setattr(look, "found", lambda name: name == "docker")
    put(host, "var/lib/docker/volumes/libvirtd/_data/qemu/save/instance-00000001.save")
    (host / "var/lib/libvirt").mkdir(parents=True)
    rows, endings, _ = ask("libvirt.domains", "host.vm_files", "vswitch.ports")
    assert set(endings.values()) == {"True"}
    assert rows["host.vm_files"][0]["name"] == "instance-00000001"
    calls = (tools / "calls").read_text().splitlines()
    assert any("virsh -q -r -c qemu:///system list --all --uuid" in call for call in calls)
    assert "exec openvswitch_db ovs-vsctl --version" in calls


@pytest.mark.parametrize(
    ("uid", "setting", "expected"),
    [
        (1000, 'access_drivers = [ "polkit" ]', True),
        (1000, '#access_drivers = [ "polkit" ]', False),
        (0, 'access_drivers = [ "polkit" ]', False),
    ],
)
def test_a_listing_that_rules_may_shorten_is_not_whole(
    host: Path, monkeypatch: pytest.MonkeyPatch, uid: int, setting: str, *, expected: bool
) -> None:
    put(host, "etc/libvirt/virtqemud.conf", f"# rules\n{setting}\n")
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    assert look.shows_some_only(look.Host({"root": str(host)})) is expected


def test_pools_are_read_only_where_they_are_named(
    host: Path, ask: Ask, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path_factory.mktemp("bin")
    (tools / "rbd").write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        f'*"trash ls -p vms"*) echo \'[{{"id":"1","name":"volume-{VOLUME}"}}]\';;\n'
        f'*" ls -p vms"*) echo \'["{VM}_disk","{VM}_disk.config","odd"]\';;\n'
        '*status*) echo \'{"watchers":[{"client":4313}]}\';;\n'
        '*) echo "no such pool" >&2; exit 2;;\n'
        "esac\n"
    )
    (tools / "rbd").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    assert ask("ceph.pools", "ceph.images")[1] == {}
    watched = [f"vms/{VM}_disk"]
    wish = {"ceph_arguments": ["--id", "fsck"], "ceph_watchers": watched}
    rows, endings, _ = ask("ceph.pools", "ceph.images", ceph_pools=["vms", "gone"], **wish)
    assert rows["ceph.pools"] == [{"name": "vms"}]
    assert "pool gone: rbd ended with 2: no such pool" in endings["ceph.images"]
    images = [(r["uuid"], r["suffix"], r["in_trash"], r["watchers"]) for r in rows["ceph.images"]]
    assert images == [
        (VM, "_disk", False, 1),
        (VM, "_disk.config", False, None),
        (None, "", False, None),
        (VOLUME, "", True, None),
    ]
    assert host.exists()


def test_a_command_that_hangs_is_ended(
    ask: Ask, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path_factory.mktemp("bin")
    (tools / "ovs-vsctl").write_text("#!/bin/sh\nsleep 60 & wait\n")
    (tools / "ovs-vsctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    _, endings, _ = ask("vswitch.ports", command_seconds=1)
    assert endings == {"vswitch.ports": "ovs-vsctl gave no answer within 1 s"}


def test_a_reader_that_breaks_costs_its_own_tables(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_host: look.Host, out: look.Output) -> None:
        out.row("host.rbd_maps", pool="p", image="i", snap="-", device="d")
        raise KeyError("x")

    readers = ((("host.rbd_maps",), broken), (("host.multipaths",), look.read_multipaths))
    monkeypatch.setattr(look, "READERS", readers)
    _, endings, _ = ask("host.rbd_maps", "host.multipaths")
    assert endings["host.rbd_maps"] == "the probe failed: KeyError: 'x'"
    assert endings["host.multipaths"] == "True"


def test_unknown_parameters_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert look.main(["look.py", '{"instance_path": "/x"}']) == 2
    assert look.main(["look.py", "not json"]) == 2
    assert "unknown parameters: instance_path" in capsys.readouterr().err
