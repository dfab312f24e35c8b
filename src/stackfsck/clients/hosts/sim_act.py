"""Acts on a played host: its file changes as the real host's answers would.

An image holds the lines that an act takes away or alters, each with its place, so that an undo
puts back the very same bytes. What real hosts guard (open files, plugged devices) a file cannot
know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Found = tuple[str, int, Row]
"""Table, place among the rows of that table, and row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """Rows of one table that an act touches.

    They are those in which `columns` hold what the subject says under the names that stand
    beside them; `new` is what they become, None when they go.
    """

    table: str
    columns: Mapping[str, str]
    new: Row | None = None


_DOMAIN = {"domain": "uuid"}
_TARGET = {"iqn": "iqn"}

TOUCHES: Mapping[tuple[str, str], tuple[Touch, ...]] = {
    ("domain", "stop"): (
        Touch(table="libvirt.domains", columns={"uuid": "uuid"}, new={"state": "shut off"}),
        Touch(table="libvirt.processes", columns={"uuid": "uuid"}),
    ),
    ("domain", "undefine"): (
        Touch(table="libvirt.domains", columns={"uuid": "uuid"}),
        Touch(table="libvirt.disks", columns=_DOMAIN),
        Touch(table="libvirt.interfaces", columns=_DOMAIN),
    ),
    ("switch_port", "delete"): (
        Touch(table="vswitch.ports", columns={"name": "port"}),
        Touch(table="vswitch.interfaces", columns={"port": "port"}),
    ),
    ("link", "delete"): (
        Touch(table="host.links", columns={"name": "name"}),
        Touch(table="host.links", columns={"name": "peer"}),
    ),
    ("directory", "quarantine"): (Touch(table="host.instance_dirs", columns={"name": "name"}),),
    ("file", "quarantine"): (Touch(table="host.vm_files", columns={"path": "path"}),),
    ("iscsi_session", "log_out"): (
        Touch(table="host.iscsi_sessions", columns=_TARGET),
        Touch(table="host.iscsi_nodes", columns=_TARGET),
    ),
    ("iscsi_node", "delete"): (Touch(table="host.iscsi_nodes", columns=_TARGET),),
    ("multipath", "flush"): (Touch(table="host.multipaths", columns={"name": "name"}),),
    ("rbd_map", "unmap"): (Touch(table="host.rbd_maps", columns={"device": "device"}),),
    ("share", "unmount"): (Touch(table="host.mounts", columns={"target": "target"}),),
    ("rbd_image", "trash"): (
        Touch(
            table="ceph.images",
            columns={"pool": "pool", "name": "image"},
            new={"in_trash": True},
        ),
    ),
}


@dataclass(slots=True)
class Played:
    """The file of a played host."""

    path: Path
    lines: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read the file."""
        self.lines = [json.loads(line) for line in self.path.read_bytes().splitlines()]

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table in their order."""
        return [line["r"] for line in self.lines if line.get("t") == table and "r" in line]

    def put(self, table: str, rows: list[Row]) -> None:
        """Write the rows of a table anew, in the place that it has."""
        ending = next(
            n for n, li in enumerate(self.lines) if li.get("t") == table and "r" not in li
        )
        end = {**self.lines[ending], "rows": len(rows)}
        begin = ending - len(self.rows(table))
        self.lines[begin : ending + 1] = [{"t": table, "r": row} for row in rows] + [end]

    def save(self) -> None:
        """Write the file, whole or not at all."""
        text = "".join(_text(line) + "\n" for line in self.lines)
        new = self.path.with_suffix(".new")
        new.write_text(text, "utf-8")
        new.replace(self.path)


def act(path: Path, request: Mapping[str, Any]) -> Row:
    """Answer a request as `stackfsck.probe.act` does; raises OSError."""
    touches = TOUCHES.get((request["kind"], request["verb"]))
    if touches is None:
        return {"refused": "a played host cannot do that"}
    played = Played(path)
    facts = played.rows("host.facts")
    if request.get("machine") and request["machine"] not in {row["machine_id"] for row in facts}:
        return {"refused": f"this machine is not {request['machine']}"}
    found = list(_found(played, touches, request["subject"]))
    if request["want"] == "look":
        return {"image": _image(found, touches), "is_after": _is_after(found, touches)}
    state = _state(found, touches, request["seen"])
    return {"state": state} if request["want"] == "state" else _change(played, request, state)


def _change(played: Played, request: Mapping[str, Any], state: str) -> Row:
    """Do or undo."""
    touches, seen = TOUCHES[(request["kind"], request["verb"])], request["seen"]
    found = list(_found(played, touches, request["subject"]))
    if state == "other" or (request["want"] == "do" and state == "after"):
        return {"moved": _image(found, touches)}
    if request["want"] == "do":
        _do(played, touches, found)
    elif state == "after":
        _put_back(played, touches, seen["rows"])
    played.save()
    return {"done": _image(list(_found(played, touches, request["subject"])), touches)}


def _found(played: Played, touches: tuple[Touch, ...], subject: Row) -> Iterator[Found]:
    """Yield the rows that an act touches."""
    for touch in touches:
        wanted = {column: subject.get(name) for column, name in touch.columns.items()}
        if None in wanted.values():
            continue
        for place, row in enumerate(played.rows(touch.table)):
            if all(row.get(column) == value for column, value in wanted.items()):
                yield touch.table, place, row


def _image(found: list[Found], touches: tuple[Touch, ...]) -> Row | None:
    """Return what is there: the first row's own columns, and all rows; None without a first."""
    first = next((row for table, _, row in found if table == touches[0].table), None)
    # As text: whoever keeps an image may sort its keys, and the file has them in their order.
    rows = [[table, place, _text(row)] for table, place, row in found]
    return None if first is None else {**first, "rows": rows}


def _is_after(found: list[Found], touches: tuple[Touch, ...]) -> bool:
    """Whether the first row is gone, or has become what it should."""
    image, new = _image(found, touches), touches[0].new
    return image is None or (new is not None and new.items() <= image.items())


def _state(found: list[Found], touches: tuple[Touch, ...], seen: Row) -> str:
    """Compare with what was seen; places may differ."""
    if [_text(row) for *_, row in found] == [text for *_, text in seen["rows"]]:
        return "before"
    return "after" if _is_after(found, touches) else "other"


def _do(played: Played, touches: tuple[Touch, ...], found: list[Found]) -> None:
    """Take the rows away, or alter them."""
    new = {touch.table: touch.new for touch in touches}
    for table, place, row in sorted(found, key=lambda one: one[1], reverse=True):
        rows, values = played.rows(table), new[table]
        rows[place : place + 1] = [] if values is None else [{**row, **values}]
        played.put(table, rows)


def _put_back(played: Played, touches: tuple[Touch, ...], found: list[list[Any]]) -> None:
    """Put the rows where they were: what was altered is replaced, what went is put in."""
    new = {touch.table: touch.new for touch in touches}
    for table, place, text in sorted(found, key=lambda one: one[1]):
        rows, values, row = played.rows(table), new[table], json.loads(text)
        if values is None:
            rows.insert(place, row)
        else:
            rows[rows.index({**row, **values})] = row
        played.put(table, rows)


def _text(row: Row) -> str:
    """Write a row as the file has it."""
    return json.dumps(row, separators=(",", ":"))
