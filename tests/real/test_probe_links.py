"""Real network devices, in a network namespace of their own."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.real.probing import Seen, probe

if TYPE_CHECKING:
    from collections.abc import Iterator

SET = "72fb4c4d-ee"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces")


@pytest.fixture(scope="module")
def inside() -> Iterator[list[str]]:
    """A prefix that leads into a network namespace, with its own /sys."""
    script = "mount -t sysfs none /sys && echo ready && read line"
    with subprocess.Popen(
        ["unshare", "--mount", "--net", "--propagation", "private", "bash", "-c", script],
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
            process.stdin.close()


@pytest.fixture(scope="module")
def devices(inside: list[str]) -> list[str]:
    """The four devices that nova and os-vif make for one port with the hybrid plug."""
    for words in (
        f"link add qbr{SET} type bridge",
        f"link add qvb{SET} type veth peer name qvo{SET}",
        f"tuntap add tap{SET} mode tap",
        f"link set qvb{SET} master qbr{SET}",
        f"link set tap{SET} master qbr{SET}",
        f"link set tap{SET} address fe:16:3e:d0:d2:9a",
        f"link set qbr{SET} up",
        "link add uplink type veth peer name far",
    ):
        subprocess.run([*inside, "ip", *words.split()], check=True, timeout=20)
    return inside


def kinds(seen: Seen) -> dict[str, tuple[str, str | None]]:
    return {row["name"]: (row["kind"], row["master"]) for row in seen.rows["host.links"]}


def test_the_set_of_a_port_is_seen(devices: list[str]) -> None:
    seen = probe({"tables": ["host.links"]}, devices)
    assert seen.ended["host.links"] == "done"
    assert kinds(seen) == {
        "lo": ("", None),
        f"qbr{SET}": ("bridge", None),
        f"qvb{SET}": ("veth", f"qbr{SET}"),
        f"qvo{SET}": ("veth", None),
        f"tap{SET}": ("tap", f"qbr{SET}"),
        "uplink": ("veth", None),
        "far": ("veth", None),
    }
    tap = seen.by("host.links", "name")[f"tap{SET}"]
    assert (tap["prefix"], tap["port_prefix"]) == ("tap", SET)
    assert tap["mac"] == "fe:16:3e:d0:d2:9a"
    uplink = seen.by("host.links", "name")["uplink"]
    assert (uplink["prefix"], uplink["port_prefix"]) == (None, None)


def test_an_old_ip_is_replaced_by_sys(
    devices: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("old")
    (folder / "ip").write_text('#!/bin/sh\necho "Option -j is unknown" >&2; exit 255\n')
    (folder / "ip").chmod(0o755)
    new = kinds(probe({"tables": ["host.links"]}, devices))
    old = kinds(probe({"tables": ["host.links"]}, devices, path=str(folder)))
    assert old == new
