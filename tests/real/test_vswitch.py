"""A real ovsdb-server with ovs-vswitchd, without a datapath of the kernel."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.real.probing import Seen, probe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VM = "5895512d-4a69-4bba-b17c-3656a1d73f55"
PORT = "72fb4c4d-eeb7-4531-8751-f46259a501cb"
TABLES = ["vswitch.bridges", "vswitch.ports", "vswitch.interfaces"]

pytestmark = pytest.mark.skipif(
    not shutil.which("ovsdb-server", path="/usr/sbin:/usr/bin"), reason="needs Open vSwitch"
)


def schema() -> str:
    return "/usr/share/openvswitch/vswitch.ovsschema"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The connection to an ovsdb-server of this test's own."""
    folder = tmp_path_factory.mktemp("ovs")
    environment = {**os.environ, "OVS_RUNDIR": str(folder), "OVS_LOGDIR": str(folder)}
    socket, conf = folder / "db.sock", folder / "conf.db"
    subprocess.run(["ovsdb-tool", "create", str(conf), schema()], check=True, timeout=30)
    server = [
        "ovsdb-server",
        str(conf),
        f"--remote=punix:{socket}",
        f"--pidfile={folder}/ovsdb.pid",
        f"--unixctl={folder}/ovsdb.ctl",
        "--detach",
        "--no-chdir",
    ]
    subprocess.run(server, env=environment, check=True, timeout=30)
    subprocess.run(
        ["ovs-vsctl", f"--db=unix:{socket}", "--no-wait", "init"], check=True, timeout=30
    )
    switch = [
        "ovs-vswitchd",
        f"unix:{socket}",
        "--enable-dummy",
        "--disable-system",
        f"--pidfile={folder}/vswitchd.pid",
        f"--unixctl={folder}/vswitchd.ctl",
        f"--log-file={folder}/vswitchd.log",
        "--detach",
        "--no-chdir",
    ]
    subprocess.run(switch, env=environment, check=True, timeout=30)
    yield f"unix:{socket}"
    for name in ("vswitchd", "ovsdb"):
        os.kill(int((folder / f"{name}.pid").read_text()), 15)


def vsctl(database: str, *words: str) -> None:
    subprocess.run(["ovs-vsctl", "--timeout=20", f"--db={database}", *words], check=True)


@pytest.fixture(scope="module")
def seen(database: str) -> Seen:
    vsctl(database, "add-br", "br-int", "--", "set", "bridge", "br-int", "datapath_type=dummy")
    vsctl(
        database,
        *("--", "add-port", "br-int", "qvo72fb4c4d-ee", "tag=1"),
        *("--", "set", "Interface", "qvo72fb4c4d-ee", "type=dummy"),
        f"external_ids:iface-id={PORT}",
        f"external_ids:vm-uuid={VM}",
        'external_ids:attached-mac="fa:16:3e:d0:d2:9a"',
    )
    vsctl(
        database,
        *("--", "add-port", "br-int", "odd", "--", "set", "Interface", "odd", "type=dummy"),
        'external_ids:iface-id="\'; drop table"',
    )
    words = ["--", "add-bond", "br-int", "bond0", "d1", "d2"]
    vsctl(database, *words, "--", "set", "Interface", "d1", "type=dummy")
    return probe({"tables": TABLES, "vswitch_db": database})


def test_what_belongs_to_what(seen: Seen) -> None:
    assert [seen.ended[table] for table in TABLES] == ["done", "done", "done"]
    assert seen.rows["vswitch.bridges"] == [{"name": "br-int"}]
    ports = seen.by("vswitch.ports", "name")
    assert ports["qvo72fb4c4d-ee"] == {"bridge": "br-int", "name": "qvo72fb4c4d-ee", "tag": 1}
    assert ports["br-int"]["tag"] is None
    interfaces = seen.by("vswitch.interfaces", "name")
    assert interfaces.keys() == {"br-int", "qvo72fb4c4d-ee", "odd", "d1", "d2"}
    assert {interfaces[name]["port"] for name in ("d1", "d2")} == {"bond0"}


def test_an_interface_names_vm_and_port(seen: Seen) -> None:
    interface = seen.by("vswitch.interfaces", "name")["qvo72fb4c4d-ee"]
    assert interface["ofport"] > 0
    assert {**interface, "ofport": 0} == {
        "bridge": "br-int",
        "port": "qvo72fb4c4d-ee",
        "name": "qvo72fb4c4d-ee",
        "type": "dummy",
        "iface_id": PORT,
        "vm_uuid": VM,
        "attached_mac": "fa:16:3e:d0:d2:9a",
        "error": None,
        "ofport": 0,
    }


def test_an_id_that_is_none_is_none(seen: Seen) -> None:
    odd = seen.by("vswitch.interfaces", "name")["odd"]
    assert (odd["iface_id"], odd["vm_uuid"], odd["attached_mac"]) == (None, None, None)


def test_a_device_that_is_gone_carries_its_error(database: str, seen: Seen) -> None:
    assert seen.whole
    vsctl(
        database,
        *(
            "--",
            "add-port",
            "br-int",
            "tapgone",
            "--",
            "set",
            "Interface",
            "tapgone",
            "type=system",
        ),
    )
    again = probe({"tables": TABLES, "vswitch_db": database})
    gone = again.by("vswitch.interfaces", "name")["tapgone"]
    assert gone["ofport"] == -1
    assert "tapgone" in gone["error"]


def test_a_database_that_is_gone_fails_the_tables(tmp_path: Path) -> None:
    seen = probe({"tables": TABLES, "vswitch_db": f"unix:{tmp_path}/nothing"})
    assert all(seen.ended[table].startswith("failed: ovs-vsctl ended with 1") for table in TABLES)


def test_facts_know_a_switch_that_cannot_be_read(tmp_path: Path) -> None:
    seen = probe({"tables": ["host.facts"], "vswitch_db": f"unix:{tmp_path}/nothing"})
    assert seen.rows["host.facts"][0]["vswitch"] is True
