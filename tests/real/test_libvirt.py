"""Domains of a real libvirtd with real qemu processes, in a mount namespace of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import textwrap
from typing import TYPE_CHECKING

import pytest
from tests.real.probing import Seen, probe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RUNNING = "11111111-aaaa-4bbb-8ccc-000000000001"
DEFINED = "11111111-aaaa-4bbb-8ccc-000000000002"
OLD = "11111111-aaaa-4bbb-8ccc-000000000003"
FOREIGN = "11111111-aaaa-4bbb-8ccc-000000000004"
VOLUME = "9a41d840-a11e-4581-b88d-750073a02fd3"
PORT = "72fb4c4d-eeb7-4531-8751-f46259a501cb"

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("libvirtd"), reason="needs root and libvirt"
)


def nova(version: str, name: str) -> str:
    return f"""
    <metadata><nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/{version}">
    <nova:name>{name}</nova:name><nova:creationTime>2026-11-21 02:17:27</nova:creationTime>
    <nova:owner><nova:user uuid="53d2c7b309b345ef93bf1c1cf67b4074">a</nova:user>
    <nova:project uuid="953fbeb336504b9bb3bded27c5d0a7b6">b</nova:project></nova:owner>
    </nova:instance></metadata>"""


def domain(uuid: str, name: str, about: str = "", devices: str = "") -> str:
    return f"""
    <domain type='qemu'><name>{name}</name><uuid>{uuid}</uuid>{about}
    <memory unit='MiB'>16</memory><vcpu>1</vcpu>
    <os><type arch='x86_64' machine='pc'>hvm</type></os>
    <devices><emulator>/usr/bin/qemu-system-x86_64</emulator>{devices}</devices></domain>"""


DEVICES = f"""
    <disk type='network' device='disk'><driver name='qemu' type='raw'/>
    <source protocol='rbd' name='volumes/volume-{VOLUME}'>
    <host name='127.0.0.1' port='6789'/></source>
    <target dev='vda' bus='virtio'/><serial>{VOLUME}</serial></disk>
    <disk type='file' device='cdrom'><source file='/var/lib/nova/x/disk.config'/>
    <target dev='sda' bus='sata'/><readonly/></disk>
    <interface type='bridge'><mac address='fa:16:3e:d0:d2:9a'/><source bridge='br-int'/>
    <target dev='tap72fb4c4d-ee'/>
    <virtualport type='openvswitch'><parameters interfaceid='{PORT}'/></virtualport></interface>
"""
HOSTILE = "<title>it's \"q\" &amp; &lt;!ENTITY&gt; '; drop table</title>"

SETUP = """
    set -e
    for folder in /run /var/lib /var/log /var/cache /etc/libvirt
    do mount -t tmpfs test $folder
    done
    mkdir -p /run/libvirt /var/log/libvirt/qemu /var/lib/libvirt/qemu /var/cache/libvirt
    printf '%s\\n' 'auth_unix_ro = "none"' 'auth_unix_rw = "none"' \\
        'host_uuid = "5e0c1f52-7a6b-4f3b-9d6a-1c2d3e4f5a6b"' > /etc/libvirt/libvirtd.conf
    printf '%s\\n' 'user = "root"' 'group = "root"' 'security_driver = "none"' \\
        'cgroup_controllers = []' 'stdio_handler = "file"' 'namespaces = []' \\
        'remember_owner = 0' > /etc/libvirt/qemu.conf
    libvirtd -d -f /etc/libvirt/libvirtd.conf
    for try in $(seq 100)
    do virsh -q -c qemu:///system list >/dev/null 2>&1 && break; sleep 0.1
    done
    echo ready
    read line
    for domain in $(virsh -q -c qemu:///system list --uuid)
    do virsh -q -c qemu:///system destroy $domain
    done
    kill $(cat /run/libvirtd.pid)
"""


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """A prefix that leads to where the libvirtd of this test is."""
    setup = tmp_path_factory.mktemp("libvirt") / "setup.sh"
    setup.write_text(textwrap.dedent(SETUP))
    with subprocess.Popen(
        ["unshare", "--mount", "--net", "--propagation", "private", "bash", str(setup)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            yield ["nsenter", "--target", str(process.pid), "--mount", "--net", "--"]
        finally:
            process.stdin.write("end\n")
            process.stdin.close()
            process.stdout.read()


@pytest.fixture(scope="module")
def seen(inside: list[str], tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder = tmp_path_factory.mktemp("domains")
    xml = {
        "running": domain(RUNNING, "instance-00000001", HOSTILE + nova("1.1", "web &lt;1&gt;")),
        "defined": domain(DEFINED, "instance-00000002", nova("1.1", "db"), DEVICES),
        "old": domain(OLD, "instance-00000003", nova("1.0", "old")),
        "foreign": domain(FOREIGN, "firewall of the operator"),
    }
    for name, text in xml.items():
        verb = "create --paused" if name == "running" else "define"
        subprocess.run(
            [*inside, "virsh", "-q", "-c", "qemu:///system", *verb.split(), "/dev/stdin"],
            input=text.encode(),
            check=True,
            timeout=60,
        )
    return probe({"instances_path": str(folder)}, inside)


def test_every_domain_is_seen_with_its_state(seen: Seen) -> None:
    domains = seen.by("libvirt.domains", "uuid")
    assert seen.whole
    assert seen.ended["libvirt.domains"] == "done"
    assert {uuid: (row["state"], row["persistent"]) for uuid, row in domains.items()} == {
        RUNNING: ("paused", False),
        DEFINED: ("shut off", True),
        OLD: ("shut off", True),
        FOREIGN: ("shut off", True),
    }


def test_metadata_of_both_ages_is_understood(seen: Seen) -> None:
    domains = seen.by("libvirt.domains", "uuid")
    assert {row["name"]: row["nova_name"] for row in domains.values()} == {
        "instance-00000001": "web <1>",
        "instance-00000002": "db",
        "instance-00000003": "old",
        "firewall of the operator": None,
    }
    assert domains[OLD]["nova_project"] == "953fbeb3-3650-4b9b-b3bd-ed27c5d0a7b6"
    assert domains[OLD]["nova_created"] == "2026-11-21T02:17:27"
    assert [row["is_nova"] for row in domains.values()].count(False) == 1


def test_a_title_is_only_data(seen: Seen) -> None:
    title = seen.by("libvirt.domains", "uuid")[RUNNING]["title"]
    assert title == "it's \"q\" & <!ENTITY> '; drop table"


def test_disks_and_interfaces_name_volume_and_port(seen: Seen) -> None:
    disks = seen.by("libvirt.disks", "target")
    assert disks["vda"] == {
        "domain": DEFINED,
        "target": "vda",
        "type": "network",
        "protocol": "rbd",
        "source": f"volumes/volume-{VOLUME}",
        "serial": VOLUME,
        "device": "disk",
    }
    assert (disks["sda"]["device"], disks["sda"]["serial"]) == ("cdrom", None)
    assert seen.rows["libvirt.interfaces"] == [
        {
            "domain": DEFINED,
            "mac": "fa:16:3e:d0:d2:9a",
            "target": "tap72fb4c4d-ee",
            "type": "bridge",
            "bridge": "br-int",
            "interface_id": PORT,
            "virtualport": "openvswitch",
        }
    ]


def test_the_process_is_found_without_libvirt(seen: Seen) -> None:
    processes = seen.by("libvirt.processes", "uuid")
    assert processes[RUNNING]["name"] == "instance-00000001"
    assert processes[RUNNING]["started"] is not None


def test_facts_name_the_hypervisor(seen: Seen) -> None:
    (facts,) = seen.rows["host.facts"]
    assert facts["libvirt"] is True
    assert facts["hypervisor_hostname"]


def test_the_library_serves_where_there_is_no_virsh(
    inside: list[str], seen: Seen, tmp_path: Path
) -> None:
    hide = 'mount --bind /dev/null "$(command -v virsh)" && exec "$@"'
    alone = [*inside, "unshare", "--mount", "--propagation", "private", "sh", "-c", hide, "sh"]
    tables = ["libvirt.domains", "libvirt.disks", "libvirt.interfaces"]
    wish = {"instances_path": str(tmp_path), "tables": tables}
    again = probe(wish, alone, python="/usr/bin/python3")
    assert set(again.ended.values()) == {"done"}
    for table in tables:
        assert sorted(map(str, again.rows[table])) == sorted(map(str, seen.rows[table]))


def test_a_saved_domain_leaves_a_file(inside: list[str], seen: Seen, tmp_path: Path) -> None:
    assert not seen.rows["host.vm_files"]
    virsh = [*inside, "virsh", "-q", "-c", "qemu:///system"]
    subprocess.run([*virsh, "start", "--paused", OLD], check=True, timeout=60)
    subprocess.run([*virsh, "managedsave", OLD], check=True, timeout=60)
    again = probe({"instances_path": str(tmp_path)}, inside)
    (saved,) = again.rows["host.vm_files"]
    assert (saved["kind"], saved["name"], saved["uuid"]) == ("save", "instance-00000003", OLD)
    subprocess.run([*virsh, "managedsave-remove", OLD], check=True, timeout=60)


def test_a_libvirtd_that_is_gone_fails_the_tables(tmp_path: Path) -> None:
    seen = probe(
        {"instances_path": str(tmp_path), "libvirt_uri": "qemu+unix:///system?socket=/nowhere"}
    )
    assert seen.ended["libvirt.domains"].startswith("failed: virsh ended with 1")
    assert seen.ended["libvirt.disks"].startswith("failed: ")
    assert seen.ended["host.links"] == "done"
    assert seen.whole
