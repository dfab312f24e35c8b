"""Which VM a word means.

A word is a UUID, a name, an address, the id of a port, volume, image or attachment, an EC2 id or a
libvirt name.

Every way is tried; a word may answer in several. EC2 ids and libvirt names are made from
numbers that each cell counts for itself, so they may mean one VM per cell.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from stackfsck.model.dossier import Candidate
from stackfsck.model.errors import Misused, NotFound, StackfsckError, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stackfsck.model.coverage import Reading
    from stackfsck.store.snapshot import Snapshot

_EC2 = re.compile(r"i-([0-9a-f]{8})", re.IGNORECASE)
_LIBVIRT = re.compile(r"instance-([0-9a-f]{8})", re.IGNORECASE)
_MOST = 50  # candidates that are worth a list
Row = dict[str, Any]


def vm_of(snapshot: Snapshot, word: str, unread: Iterable[Reading] = ()) -> UUID:
    """Return the one VM that a word means.

    `unread` are readings that the snapshot's own coverage does not hold yet. Raises NotFound when
    the word means no VM, Unreadable when it may mean one that was not read, and Misused with the
    list of candidates when it means several.
    """
    candidates = candidates_for(snapshot, word)
    if not candidates:
        raise _not_found(word, [*snapshot.coverage(), *unread])
    if len(candidates) > 1:
        raise Misused(
            f"{_safe(word)!r} may mean {len(candidates)} VMs:\n"
            + "\n".join(map(_line, candidates)),
            next_step="Trace one of them by its UUID.",
        )
    return candidates[0].vm


def _not_found(word: str, coverage: Iterable[Reading]) -> StackfsckError:
    """Say that nothing is called so, and that this proves nothing where not all was read."""
    said = f"nothing that was read is called {_safe(word)!r}"
    gaps = [r for r in coverage if r.source == "nova.instances" and not r.proves_absence]
    if gaps:
        return Unreadable(
            f"{said}, but not all was read: {gaps[0]}",
            next_step="`stackfsck doctor` tells how to make it readable.",
        )
    return NotFound(
        said,
        next_step="Give a VM's UUID, name or IP address, the id of a port, volume, image or "
        "attachment of it, i-0000001d or instance-0000001d.",
    )


def _safe(text: str) -> str:
    """Return a text as one line, whatever it holds: what this module says has a line per VM."""
    return text if text.isprintable() else ascii(text)[1:-1]


def _line(candidate: Candidate) -> str:
    parts = (str(candidate.vm), candidate.display_name, candidate.where, candidate.how)
    return "  " + "  ".join(_safe(part) for part in parts if part)


def candidates_for(snapshot: Snapshot, word: str) -> tuple[Candidate, ...]:
    """Return every VM that a word may mean, each once, with the way in which it was found first."""
    found: dict[UUID, Candidate] = {}
    for way in WAYS:
        for how, row in way(snapshot, word.strip()):
            vm = _uuid(row["vm"])
            if vm and vm not in found:
                found[vm] = _candidate(snapshot, vm, how)
    return tuple(sorted(found.values(), key=lambda c: (c.display_name, str(c.vm))))


def _candidate(snapshot: Snapshot, vm: UUID, how: str) -> Candidate:
    rows = snapshot.query(
        "select display_name, concat_ws(' on ', cell, host) as place from nova.instances "
        "where uuid = ? order by deleted <> 0 limit 1",
        [vm],
    )
    name, place = (rows[0]["display_name"], rows[0]["place"]) if rows else ("", "")
    return Candidate(vm=vm, how=how, display_name=name or "", where=place or "")


def names_of(snapshot: Snapshot, vms: Iterable[UUID]) -> dict[UUID, Candidate]:
    """Return what people call these VMs and where nova has them; VMs without a row are left out."""
    rows = snapshot.query(
        "select uuid, display_name, concat_ws(' on ', cell, host) as place from nova.instances "
        "where uuid in (select unnest(?::uuid[])) order by deleted <> 0 desc",
        [[str(vm) for vm in vms]],
    )
    return {
        row["uuid"]: Candidate(
            vm=row["uuid"],
            how="its UUID",
            display_name=row["display_name"] or "",
            where=row["place"],
        )
        for row in rows
    }


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


Way = Callable[["Snapshot", str], "Iterator[tuple[str, Row]]"]


def _by_uuid(snapshot: Snapshot, word: str) -> Iterator[tuple[str, Row]]:
    """The word is a VM's own UUID, wherever it is still known."""
    vm = _uuid(word)
    if vm is None or snapshot.query("select 1 from nova.migrations where uuid = ?", [str(vm)]):
        return  # a move holds allocations under its own UUID and is no VM
    for table, column in _UUID_STANDS_IN:
        if snapshot.query(f"select 1 from {table} where {column} = ? limit 1", [str(vm)]):
            yield f"its UUID, in {table}", {"vm": vm}
            return


# Where a VM's UUID may be the last trace; columns of text are cast.
_UUID_STANDS_IN = (
    ("nova.instances", "uuid"),
    ("nova.shadow_instances", "uuid"),
    ("nova_api.instance_mappings", "instance_uuid"),
    ("nova_api.build_requests", "instance_uuid"),
    ("nova_api.request_specs", "instance_uuid"),
    ("libvirt.domains", "uuid"),
    ("libvirt.processes", "uuid"),
    ("host.instance_dirs", "uuid"),
    ("cinder.volume_attachment", "instance_uuid"),
    ("nova.block_device_mapping", "instance_uuid"),
    ("neutron.ports", "try_cast(device_id as uuid)"),
    ("placement.allocations", "try_cast(consumer_id as uuid)"),
    ("placement.consumers", "try_cast(uuid as uuid)"),
    ("vswitch.interfaces", "vm_uuid"),
    ("ceph.images", "uuid"),
    ("memcached.tokens", "instance"),
)


def _asked(snapshot: Snapshot, sql: str, value: object, how: str) -> Iterator[tuple[str, Row]]:
    """Yield what a question with one value answers; every question names its answer `vm`."""
    for row in snapshot.query(
        f"select distinct vm from ({sql}) where vm is not null limit {_MOST}", [value]
    ):
        yield how, row


def _by_name(snapshot: Snapshot, word: str) -> Iterator[tuple[str, Row]]:
    """The word is the name that people gave the VM, or its host name; live ones come first."""
    sql = (
        "select uuid as vm from nova.instances where deleted = 0 and ? in (display_name, hostname)"
    )
    found = list(_asked(snapshot, sql, word, "its name"))
    yield from found
    if not found:
        sql = "select uuid as vm from nova.instances where ? in (display_name, hostname)"
        yield from _asked(snapshot, sql, word, "the name it had")
        sql = "select uuid as vm from nova.shadow_instances where display_name = ?"
        yield from _asked(snapshot, sql, word, "the name it had, archived")
        sql = "select uuid as vm from libvirt.domains where nova_name = ?"
        yield from _asked(snapshot, sql, word, "its name in libvirt")


def _by_address(snapshot: Snapshot, word: str) -> Iterator[tuple[str, Row]]:
    """The word is a fixed or floating IP address."""
    try:
        address = str(ipaddress.ip_address(word))
    except ValueError:
        return
    sql = """
        select try_cast(p.device_id as uuid) as vm from neutron.ipallocations as a
        inner join neutron.ports as p on p.id = a.port_id where a.ip_address = ?"""
    yield from _asked(snapshot, sql, address, f"its address {address}")
    sql = """
        select try_cast(p.device_id as uuid) as vm from neutron.floatingips as f
        inner join neutron.ports as p on p.id = f.fixed_port_id where f.floating_ip_address = ?"""
    yield from _asked(snapshot, sql, address, f"its floating address {address}")


# (what the id is of, the question); the id is bound as text, UUID columns take it as it is.
_IDS = (
    ("a port of it", "select try_cast(device_id as uuid) as vm from neutron.ports where id = ?"),
    (
        "a port that nova gave it",
        "select instance_uuid as vm from nova.virtual_interfaces where uuid = ?",
    ),
    ("a port of its domain", "select domain as vm from libvirt.interfaces where interface_id = ?"),
    ("a port on a switch", "select vm_uuid as vm from vswitch.interfaces where iface_id = ?"),
    (
        "a volume attached to it",
        """select instance_uuid as vm from cinder.volume_attachment
        where not coalesce(deleted, false) and volume_id = ?""",
    ),
    (
        "a volume that nova gave it",
        """select instance_uuid as vm from nova.block_device_mapping
        where deleted = 0 and volume_id = ?""",
    ),
    ("a volume of its domain", "select domain as vm from libvirt.disks where serial = ?"),
    (
        "an attachment of it",
        "select instance_uuid as vm from cinder.volume_attachment where id = ?",
    ),
    (
        "an attachment that nova knows",
        "select instance_uuid as vm from nova.block_device_mapping where attachment_id = ?",
    ),
    ("a move of it", "select instance_uuid as vm from nova.migrations where uuid = ?"),
    (
        "an image made from it",
        """select try_cast(value as uuid) as vm from glance.image_properties
        where name = 'instance_uuid' and image_id = ?""",
    ),
    (
        "the image it was made from",
        "select uuid as vm from nova.instances where deleted = 0 and image_ref = ?",
    ),
)


def _by_other_id(snapshot: Snapshot, word: str) -> Iterator[tuple[str, Row]]:
    """The word is the id of something that a VM has."""
    if _uuid(word) is None:
        return
    for what, sql in _IDS:
        found = list(_asked(snapshot, sql, str(_uuid(word)), what))
        yield from found


def _by_ec2_id(snapshot: Snapshot, word: str) -> Iterator[tuple[str, Row]]:
    """The word is an EC2 id: a number that each cell counts for itself."""
    if match := _EC2.fullmatch(word):
        number = int(match[1], 16)
        sql = "select uuid as vm from nova.instance_id_mappings where id = ?"
        yield from _asked(snapshot, sql, number, f"its EC2 id {word.lower()}")


def _by_libvirt_name(snapshot: Snapshot, word: str) -> Iterator[tuple[str, Row]]:
    """The word is a domain's name: by nova's template the number of the row in its cell."""
    sql = "select uuid as vm from libvirt.domains where name = ?"
    yield from _asked(snapshot, sql, word, f"its libvirt name {word}")
    if match := _LIBVIRT.fullmatch(word):
        number = int(match[1], 16)
        sql = "select uuid as vm from nova.instances where id = ?"
        yield from _asked(
            snapshot, sql, number, f"its libvirt name {word.lower()}, by nova's number"
        )


WAYS: tuple[Way, ...] = (
    _by_uuid,
    _by_name,
    _by_address,
    _by_other_id,
    _by_ec2_id,
    _by_libvirt_name,
)
"""Every way in which a word may mean a VM."""
