"""The probe's parsers, on what a real cloud of 2026.2 printed and on what an enemy might."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stackfsck.probe import look

RECORDED = Path(__file__).parents[2] / "recorded" / "host"
VM = "5895512d-4a69-4bba-b17c-3656a1d73f55"


def recorded(name: str) -> str:
    return (RECORDED / name).read_text()


def test_a_recorded_domain_names_its_owner() -> None:
    root = look.parse_xml(recorded("instance-00000007.xml"))
    assert look.nova_metadata(root) == {
        "nova_name": "lab-plain",
        "nova_project": "953fbeb3-3650-4b9b-b3bd-ed27c5d0a7b6",
        "nova_user": "53d2c7b3-09b3-45ef-93bf-1c1cf67b4074",
        "nova_created": "2026-11-21T02:17:27",
        "is_nova": True,
    }


def test_recorded_disks_and_interfaces() -> None:
    root = look.parse_xml(recorded("instance-00000009.xml"))
    disks = [look.disk_columns(disk) for disk in root.findall("devices/disk")]
    assert [(d["type"], d["protocol"], d["serial"]) for d in disks] == [
        ("file", None, None),
        ("network", "rbd", "bd097331-60c9-448b-b6f4-4af7135eb35b"),
    ]
    assert disks[1]["source"] == "volumes/volume-bd097331-60c9-448b-b6f4-4af7135eb35b"
    (interface,) = [look.interface_columns(i) for i in root.findall("devices/interface")]
    assert interface["target"] == "tape56c7d4e-66"
    assert interface["bridge"] == "qbre56c7d4e-66"
    assert interface["interface_id"] is None


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE a [<!ENTITY b "c">]><domain>&b;</domain>',
        '<!DOCTYPE a SYSTEM "file:///etc/shadow"><domain/>',
        "<domain>",
        "",
    ],
)
def test_a_document_with_a_dtd_or_without_an_end_is_refused(document: str) -> None:
    with pytest.raises(look.Unread):
        look.parse_xml(document)


def test_recorded_ports_belong_to_their_bridge() -> None:
    ports, interfaces = recorded("ovs-port.json"), recorded("ovs-interface.json")
    table = json.loads(ports)
    key, name = table["headings"].index("_uuid"), table["headings"].index("name")
    mine = [row[key] for row in table["data"] if row[name].startswith(("qvo", "br-int"))]
    bridge = json.dumps({"headings": ["name", "ports"], "data": [["br-int", ["set", mine]]]})
    parsed = look.parse_vswitch(f"{bridge}\n{ports}{interfaces}")
    assert [len(rows) for rows in parsed] == [1, len(table["data"]), len(table["data"])]
    by_name = {row["name"]: row for row in parsed[2]}
    assert by_name["qvo72fb4c4d-ee"]["external_ids"]["vm-uuid"] == VM
    assert look.single(by_name["qvo72fb4c4d-ee"]["error"]) is None
    assert look.single({row["name"]: row for row in parsed[1]}["qvo72fb4c4d-ee"]["tag"]) == 1


@pytest.mark.parametrize("output", ["", "{}", '{"headings":[],"data":[]}', "not json"])
def test_a_switch_that_says_too_little_is_unread(output: str) -> None:
    with pytest.raises(look.Unread, match="something unexpected"):
        look.parse_vswitch(output)


def test_recorded_links_have_kind_and_master() -> None:
    links = look.parse_links(recorded("ip-link.json"))
    assert links is not None
    kinds = {name: (kind, master) for name, kind, master, _, _ in links}
    assert kinds["qbr72fb4c4d-ee"] == ("bridge", "")
    assert kinds["qvb72fb4c4d-ee"] == ("veth", "qbr72fb4c4d-ee")
    assert kinds["tap72fb4c4d-ee"] == ("tap", "qbr72fb4c4d-ee")
    assert kinds["br-int"] == ("tap", "")  # the userspace datapath makes taps of its bridges


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("guest=instance-00000007,debug-threads=on", "instance-00000007"),
        ("guest=a,,b", "a,b"),
        ("instance-00000007", "instance-00000007"),
        ("", ""),
    ],
)
def test_the_name_on_a_command_line(words: str, name: str) -> None:
    assert look.guest_name(words) == name


@pytest.mark.parametrize(
    ("text", "uuid"),
    [
        (VM.upper(), VM),
        (VM.replace("-", ""), VM),
        (f"{VM}\n", VM),
        (f"{VM}/../..", None),
        ("-".join(VM), None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_uuid_is_a_uuid(text: str | None, uuid: str | None) -> None:
    assert look.uuid_or_none(text) == uuid


@pytest.mark.parametrize(
    ("name", "uuid", "suffix"),
    [
        (VM, VM, ""),
        (f"{VM}_resize", VM, "_resize"),
        (f"{VM}_del", VM, "_del"),
        (f"{VM}\n../../x", VM, "\n../../x"),
        ("..", None, ""),
        (f" {VM}", None, ""),
    ],
)
def test_a_directory_tells_vm_and_suffix(name: str, uuid: str | None, suffix: str) -> None:
    assert look.uuid_and_suffix(name) == (uuid, suffix)


def test_bytes_that_are_not_text_stay_visible() -> None:
    assert look.text(b"a\xff".decode("utf-8", "surrogateescape")) == "a\\xff"


def test_mounts_with_odd_names() -> None:
    line = (
        r"36 35 98:0 /a\040b /mnt/x\040y rw,noatime master:1 - nfs4 server:/ex\134port rw,sec=sys"
    )
    assert look.parse_mounts(line + "\n") == [
        ("server:/ex\\port", "/mnt/x y", "nfs4", "98:0", "/a b")
    ]


def test_a_configuration_as_oslo_reads_it() -> None:
    settings = look.parse_oslo(
        "[DEFAULT]\n# host = no\nhost = 'cmp-1'\ninstances_path = /srv/\n    nova\n"
        "[libvirt]\nimages_type: rbd\nhost=other\n\n[DEFAULT]\nhost = cmp-2\n"
    )
    assert settings == {
        "DEFAULT.host": "cmp-2",
        "DEFAULT.instances_path": "/srv/nova",
        "libvirt.images_type": "rbd",
        "libvirt.host": "other",
    }


@pytest.mark.parametrize("value", ["2026-11-21", "yesterday", "", "2026-13-01 00:00:00"])
def test_a_time_that_is_none(value: str) -> None:
    assert look.nova_time(value) is None
