"""The cells of a cloud, from nova_api.cell_mappings, and how each cell's database is reached.

Source: nova/objects/cell_mapping.py, https://docs.openstack.org/nova/latest/admin/cells.html
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import pyarrow as pa

from stackfsck.clients.databases import Database
from stackfsck.model.errors import Unreadable

CELL0 = "00000000-0000-0000-0000-000000000000"
"""The cell of VMs that were never scheduled: it has rows but no hosts."""

_COLUMNS = ("uuid", "name", "database_connection", "disabled")
_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell: `scope` is what it is called everywhere in stackfsck, unique in its cloud.

    `url` is as nova_api holds it, perhaps a template. A disabled cell takes no new VMs; those it
    has are as real as any, so it is read like the others.
    """

    uuid: str
    name: str
    scope: str
    url: str
    disabled: bool


def read_cells(database: Database) -> tuple[Cell, ...]:
    """Return all cells of the cloud, disabled ones and cell0 too, in the order of their scopes.

    Raises Unreadable when the mappings cannot be read, or when there are none: a nova that works
    has at least cell0 and one cell.
    """
    if lack := database.lacks("cell_mappings", _COLUMNS[:3]):
        raise Unreadable(f"{database.name} is not a database of nova's API: {lack}")
    # The column `disabled` came with Rocky.
    there = database.schema().tables["cell_mappings"].columns
    columns = [column for column in _COLUMNS if column in there]
    types = {column: pa.bool_() if column == "disabled" else pa.string() for column in columns}
    rows = [
        row
        for batch in database.read("cell_mappings", pa.schema(types))
        for row in batch.to_pylist()
    ]
    if not rows:
        raise Unreadable(f"{database.name} maps no cells at all")
    return _named(rows)


def _named(rows: Sequence[dict[str, object]]) -> tuple[Cell, ...]:
    """Call each cell by its name, or by its UUID when it has none or shares it."""
    names = Counter(str(row["name"] or "") for row in rows)
    cells = []
    for row in rows:
        name, uuid = str(row["name"] or ""), str(row["uuid"])
        if not name and uuid == CELL0:
            name = "cell0"
        unique = bool(name) and names[name] <= 1
        cells.append(
            Cell(
                uuid=uuid,
                name=name,
                scope=name if unique else uuid,
                url=str(row["database_connection"] or ""),
                disabled=bool(row.get("disabled")),
            )
        )
    return tuple(sorted(cells, key=lambda cell: cell.scope))


def fill(template: str, base: str) -> str:
    """Fill a cell's URL template from nova's own `[database] connection`.

    `{scheme}://{username}:{password}@{hostname}:{port}/{path}?{query}`: each field stands for that
    part of `base` as it is written there, percent signs and all. Raises Unreadable when a field has
    no value: nova would write "None" in its place and reach nothing.
    """
    if "{" not in template:
        return template
    if not base:
        raise Unreadable(
            "the URL of the cell is a template, and no [database] connection of nova fills it",
            next_step="run where nova.conf is, or write the cells into stackfsck.toml",
        )
    fields = _fields(base)

    def value(match: re.Match[str]) -> str:
        found = fields.get(match[1])
        if found is None:
            raise Unreadable(
                f"the URL of the cell asks for {match[0]}, which [database] connection has not"
            )
        return found

    return _FIELD.sub(value, template)


def _fields(base: str) -> dict[str, str | None]:
    try:
        parts = urlsplit(base)
        port = parts.port
    except ValueError as error:
        raise Unreadable("[database] connection of nova is no URL") from error
    fields: dict[str, str | None] = {
        "scheme": parts.scheme,
        "username": parts.username,
        "password": parts.password,
        "hostname": parts.hostname,
        "port": None if port is None else str(port),
        "path": parts.path.lstrip("/"),
        "query": parts.query,
        "fragment": parts.fragment,
    }
    return fields | _numbered(parts)


def _numbered(parts: SplitResult) -> dict[str, str | None]:
    """Return `hostname1`, `hostname2`, ... when the base names several servers."""
    servers = parts.netloc.split(",")
    fields: dict[str, str | None] = {}
    for number, server in enumerate(servers if len(servers) > 1 else [], start=1):
        account, _, place = server.rpartition("@")
        user, _, password = account.partition(":")
        host, _, port = place.rpartition(":") if re.search(r":\d+$", place) else (place, "", "")
        named = {"username": user, "password": password, "hostname": host.strip("[]"), "port": port}
        fields |= {f"{name}{number}": text or None for name, text in named.items()}
    return fields
