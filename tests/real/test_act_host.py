"""Acts on a real libvirtd, a real Open vSwitch database, real devices and real folders."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.real.acting import RUN, Compute, compute, step, switch_of
from tests.real.probing import Seen, probe
from tests.real.test_libvirt import DEVICES, PORT, domain, nova

from stackfsck.apply.hand import WayClosed
from stackfsck.model.errors import Moved, StepFailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stackfsck.model.step import Step

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("libvirtd"), reason="needs root and libvirt"
)

GUEST = "22222222-aaaa-4bbb-8ccc-000000000001"
TRANSIENT = "22222222-aaaa-4bbb-8ccc-000000000002"
USER = "22222222-aaaa-4bbb-8ccc-000000000003"
DEAD = "22222222-aaaa-4bbb-8ccc-00000000dead"
STOP = step("domain.stop", {"uuid": GUEST}, expected={"name": "instance-00000001"})
UNDEFINE = step("domain.undefine", {"uuid": GUEST}, expected={"name": "instance-00000001"})
FREE = "99999999-aa"
LINKS = {"tables": ["host.links"]}


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compute]:
    with compute(tmp_path_factory.mktemp("compute")) as host, switch_of(host):
        disk = f"{host.instances}/{USER}/disk"
        devices = DEVICES.replace("/var/lib/nova/x/disk.config", disk)
        host.virsh("define", "/dev/stdin", given=domain(USER, "instance-00000003", "", devices))
        yield host


@pytest.fixture
def guest(host: Compute) -> Iterator[Compute]:
    """The host with a guest that is defined, autostarted, and runs (paused: it costs nothing)."""
    xml = domain(GUEST, "instance-00000001", nova("1.1", "web"))
    host.virsh("define", "/dev/stdin", given=xml)
    host.virsh("autostart", GUEST)
    host.virsh("start", "--paused", GUEST)
    yield host
    if GUEST in host.virsh("list", "--all", "--uuid"):
        if host.virsh("domstate", GUEST).strip() != "shut off":
            host.virsh("destroy", GUEST)
        host.virsh("undefine", GUEST)


def test_a_guest_is_stopped_undefined_and_had_back(guest: Compute) -> None:
    before = guest.virsh("dumpxml", "--inactive", GUEST)
    assert guest.change(STOP)
    stopped = guest.notes[-1]
    assert guest.change(UNDEFINE)
    assert GUEST not in guest.virsh("list", "--all", "--uuid")
    assert guest.state(UNDEFINE) == "after"
    assert not guest.change(UNDEFINE), "there is nothing left to do"
    guest.put_back(UNDEFINE)
    assert guest.state(UNDEFINE) == "before"
    guest.notes.append(stopped)
    assert guest.state(STOP) == "after"
    guest.put_back(STOP)
    assert guest.virsh("domstate", GUEST).strip() == "paused"
    assert guest.virsh("dumpxml", "--inactive", GUEST) == before
    assert "enable" in guest.virsh("dominfo", GUEST)


def test_a_guest_that_runs_is_not_undefined(guest: Compute) -> None:
    with pytest.raises(WayClosed, match="has to be stopped first"):
        guest.change(UNDEFINE)
    assert guest.virsh("domstate", GUEST).strip() == "paused"


def test_a_guest_that_is_not_as_judged_is_left_alone(guest: Compute) -> None:
    judged = step("domain.stop", {"uuid": GUEST}, expected={"state": "shut off"})
    with pytest.raises(Moved, match="state was 'shut off', now it is 'paused'"):
        guest.change(judged)
    assert guest.virsh("domstate", GUEST).strip() == "paused"


def test_what_others_defined_since_is_not_overwritten(guest: Compute) -> None:
    guest.change(STOP)
    guest.change(UNDEFINE)
    other = domain(GUEST, "instance-00000009")
    guest.virsh("define", "/dev/stdin", given=other)
    with pytest.raises(Moved):
        guest.put_back(UNDEFINE)
    assert "instance-00000009" in guest.virsh("list", "--all", "--name")


def test_a_domain_that_is_not_defined_ends_with_its_stop_and_is_made_again(host: Compute) -> None:
    xml = domain(TRANSIENT, "instance-00000002", nova("1.1", "<gone>".replace("<", "&lt;")))
    host.virsh("create", "--paused", "/dev/stdin", given=xml)
    stop = step("domain.stop", {"uuid": TRANSIENT})
    assert host.change(stop)
    assert TRANSIENT not in host.virsh("list", "--all", "--uuid")
    host.put_back(stop)
    assert host.virsh("domstate", TRANSIENT).strip() == "paused"
    host.virsh("destroy", TRANSIENT)


def test_another_machine_refuses(guest: Compute) -> None:
    with pytest.raises(WayClosed, match="this machine is"):
        guest.change(step("domain.stop", {"uuid": GUEST}, machine="0" * 32))


# ── links ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def devices(host: Compute) -> Iterator[Compute]:
    """The four devices of a port, plugged together."""
    for words in (
        f"link add qbr{FREE} type bridge",
        f"link add qvb{FREE} type veth peer name qvo{FREE}",
        f"tuntap add tap{FREE} mode tap",
        f"link set tap{FREE} address fe:16:3e:d0:d2:9a mtu 1450 master qbr{FREE}",
        f"link set qvb{FREE} master qbr{FREE} up",
        f"link set qbr{FREE} up",
    ):
        host.run("ip", *words.split())
    yield host
    for name in (f"tap{FREE}", f"qvo{FREE}", f"qbr{FREE}"):
        removal = [*host.prefix, "ip", "link", "delete", name]
        subprocess.run(removal, capture_output=True, check=False)


def of_port(seen: Seen) -> dict[str, tuple[str, str, str]]:
    rows = [row for row in seen.rows["host.links"] if row["port_prefix"] == FREE]
    return {row["name"]: (row["kind"], row["master"], row["mac"]) for row in rows}


def test_the_devices_of_a_port_go_and_come_back(devices: Compute) -> None:
    before = of_port(probe(LINKS, devices.prefix))
    steps = [step("link.delete", {"name": prefix + FREE}) for prefix in ("tap", "qvo", "qbr")]
    images = []
    for one in steps:
        assert devices.change(one)
        images.append(devices.notes[-1])
    assert of_port(probe(LINKS, devices.prefix)) == {}
    for one, image in zip(reversed(steps), reversed(images), strict=True):
        devices.notes.append(image)
        devices.put_back(one)
        assert devices.state(one) == "before"
    assert of_port(probe(LINKS, devices.prefix)) == before
    assert "mtu 1450" in devices.run("ip", "link", "show", f"tap{FREE}")


def test_a_bridge_with_something_plugged_in_stays(devices: Compute) -> None:
    with pytest.raises(WayClosed, match="plugged into it"):
        devices.change(step("link.delete", {"name": f"qbr{FREE}"}))


HOLD = """
import fcntl, struct, sys
tap = open("/dev/net/tun", "r+b", buffering=0)
fcntl.ioctl(tap, 0x400454CA, struct.pack("16sH", sys.argv[1].encode(), 0x1002))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_tap_that_a_process_holds_stays(devices: Compute) -> None:
    with subprocess.Popen(
        [*devices.prefix, "python3", "-c", HOLD, f"tap{FREE}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(WayClosed, match=rf"holds tap{FREE}"):
            devices.change(step("link.delete", {"name": f"tap{FREE}"}))
        holder.communicate(timeout=20)


def test_a_tap_of_a_defined_domain_stays(host: Compute) -> None:
    name = f"tap{PORT[:11]}"
    host.run("ip", "tuntap", "add", "dev", name, "mode", "tap")
    with pytest.raises(WayClosed, match="a domain of this host uses"):
        host.change(step("link.delete", {"name": name}))
    host.run("ip", "link", "delete", name)


# ── the switch ───────────────────────────────────────────────────────────────────────────────


def columns(host: Compute, name: str) -> str:
    port = host.vsctl("--columns=name,tag,other_config,external_ids", "list", "Port", name)
    kept = "--columns=name,type,external_ids,other_config,mtu_request"
    return port + host.vsctl(kept, "list", "Interface", name)


def test_a_port_of_the_switch_goes_and_comes_back_with_all_that_it_said(host: Compute) -> None:
    name = f"qvo{FREE}"
    host.vsctl("--may-exist", "add-br", "br-int")
    host.vsctl(
        *("add-port", "br-int", name, "tag=7", 'other_config:net_uuid="a b\'c"'),
        *("--", "set", "Interface", name, f"external_ids:vm-uuid={DEAD}"),
        'external_ids:attached-mac="fa:16:3e:00:00:01"',
        "mtu_request=1450",
    )
    before = columns(host, name)
    delete = step("switch_port.delete", {"port": name})
    assert host.change(delete)
    assert name not in host.vsctl("list-ports", "br-int")
    host.put_back(delete)
    assert columns(host, name) == before
    host.vsctl("del-port", name)


def test_a_port_of_a_defined_domain_stays(host: Compute) -> None:
    name = f"qvo{PORT[:11]}"
    host.vsctl("--may-exist", "add-br", "br-int", "--", "add-port", "br-int", name)
    with pytest.raises(WayClosed, match="a domain of this host uses"):
        host.change(step("switch_port.delete", {"port": name}))
    assert name in host.vsctl("list-ports", "br-int")


# ── directories and files ────────────────────────────────────────────────────────────────────


@pytest.fixture
def directory(host: Compute) -> Iterator[Path]:
    path = host.instances / DEAD
    path.mkdir()
    (path / "disk").write_text("all that is left")
    yield path
    shutil.rmtree(path, ignore_errors=True)
    shutil.rmtree(host.instances / ".stackfsck-quarantine", ignore_errors=True)


def aside(host: Compute, name: str = DEAD) -> Step:
    subject = {"name": name, "instances_path": str(host.instances)}
    return step("directory.quarantine", subject)


def test_a_directory_is_put_aside_and_put_back(host: Compute, directory: Path) -> None:
    assert host.change(aside(host))
    assert not directory.exists()
    seen = probe({"tables": ["host.instance_dirs"], "instances_path": str(host.instances)})
    assert seen.rows["host.instance_dirs"] == []
    kept = host.instances / ".stackfsck-quarantine" / RUN / DEAD / "disk"
    assert kept.read_text() == "all that is left"
    assert (host.instances / ".stackfsck-quarantine").stat().st_mode & 0o777 == 0o700
    assert host.state(aside(host)) == "after"
    host.put_back(aside(host))
    assert (directory / "disk").read_text() == "all that is left"
    assert [path.name for path in host.instances.iterdir()] == [DEAD]


def test_a_directory_with_an_open_file_stays(host: Compute, directory: Path) -> None:
    with (directory / "disk").open(), pytest.raises(WayClosed, match=r"has a file of .* open"):
        host.change(aside(host))
    assert directory.is_dir()


def test_a_directory_that_a_domain_names_stays(host: Compute) -> None:
    path = host.instances / USER
    path.mkdir()
    with pytest.raises(WayClosed, match="a domain of this host uses"):
        host.change(aside(host, USER))
    path.rmdir()


def test_a_link_is_not_followed(host: Compute, tmp_path: Path) -> None:
    link = host.instances / DEAD
    link.symlink_to(tmp_path)
    with pytest.raises(WayClosed, match="neither a directory nor a file"):
        host.change(aside(host))
    link.unlink()


def test_a_quarantine_that_is_a_link_is_not_used(
    host: Compute, directory: Path, tmp_path: Path
) -> None:
    link = host.instances / ".stackfsck-quarantine"
    link.symlink_to(tmp_path)
    with pytest.raises(StepFailed):
        host.change(aside(host))
    assert directory.is_dir()
    assert list(tmp_path.iterdir()) == []
    link.unlink()


def test_what_is_in_the_way_is_not_overwritten(host: Compute, directory: Path) -> None:
    host.change(aside(host))
    directory.mkdir()
    with pytest.raises(Moved):
        host.put_back(aside(host))


def test_what_was_put_aside_is_purged_only_once_and_gone_then(
    host: Compute, directory: Path
) -> None:
    one = aside(host)
    host.change(one)
    assert host.hand.purge(one, one.ways[0])
    assert not host.hand.purge(one, one.ways[0])
    with pytest.raises(StepFailed, match="no longer in quarantine"):
        host.put_back(one)
    assert not directory.exists()


def test_firmware_variables_of_no_domain_are_put_aside(host: Compute) -> None:
    folder = "/var/lib/libvirt/qemu/nvram"
    path = f"{folder}/instance-0000fff3_VARS.fd"
    host.run("bash", "-c", f"mkdir -p {folder} && echo variables > {path}")
    file = step("file.quarantine", {"kind": "nvram", "path": path})
    assert host.change(file)
    assert host.run("ls", "-A", folder).split() == [".stackfsck-quarantine"]
    state = {"tables": ["libvirt.domains", "host.vm_files"]}
    assert probe(state, host.prefix).rows["host.vm_files"] == []
    host.put_back(file)
    assert host.run("cat", path) == "variables\n"
    assert host.run("ls", "-A", folder).split() == ["instance-0000fff3_VARS.fd"]


def test_firmware_variables_of_a_domain_stay(host: Compute) -> None:
    folder = "/var/lib/libvirt/qemu/nvram"
    path = f"{folder}/instance-00000003_VARS.fd"
    host.run("bash", "-c", f"mkdir -p {folder} && echo variables > {path}")
    with pytest.raises(WayClosed, match="libvirt has the domain instance-00000003"):
        host.change(step("file.quarantine", {"kind": "nvram", "path": path}))
