"""The form in which the catalogue describes a table: what it holds and how it refers to a VM.

One description serves five readers: the collector (which columns to copy), the snapshot
(which tables to make), the checks (a test holds their queries against it), the trace (how to
find every record of one VM) and the reference pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Type(Enum):
    """What a column holds, as the snapshot's (DuckDB's) type of the same meaning."""

    UUID = "UUID"
    INTEGER = "BIGINT"
    FLOAT = "DOUBLE"
    TEXT = "VARCHAR"
    BOOLEAN = "BOOLEAN"
    TIME = "TIMESTAMP"  # always UTC, as the services write it


class Scope(Enum):
    """Of what there is one such table each; the value is the snapshot's extra first column."""

    GLOBAL = ""
    CELL = "cell"
    HOST = "host"


class SoftDelete(Enum):
    """How a service marks a row as deleted without removing it."""

    NONE = "none"  # the row goes
    ID = "id"  # nova: `deleted` is 0 or the row's own id
    FLAG = "flag"  # cinder, glance: `deleted` is a boolean
    HIDDEN = "hidden"  # the row says it in another way; the table's meaning tells


@dataclass(frozen=True, slots=True)
class Column:
    """One column, under the service's own name.

    `refers_to` names the column of another table whose value this one repeats
    (``nova.instances.uuid``). `since` and `until` are the first and the last release (OpenStack's
    version, ``2023.1``) in which the column exists; empty means "before Zed" and "still there".
    A column that is not `copied` (big, or `secret`) never enters a snapshot.
    """

    name: str
    type: Type
    meaning: str
    refers_to: str = ""
    since: str = ""
    until: str = ""
    copied: bool = True
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table of one store.

    `vm` is the column that holds the UUID of the VM a row is about ("" when a row refers to a VM
    only through other rows). A table that is not `copied` has too many rows per VM to be taken
    along: it is asked inside its own database and only offenders travel. `optional` tables may
    be missing from a cloud of any release.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    scope: Scope = Scope.GLOBAL
    soft_delete: SoftDelete = SoftDelete.NONE
    vm: str = ""
    copied: bool = True
    since: str = ""
    until: str = ""
    optional: bool = False

    @property
    def store(self) -> str:
        """The schema of the snapshot in which this table stands: ``nova``."""
        return self.name.partition(".")[0]

    @property
    def short_name(self) -> str:
        """The service's own name of the table: ``instances``."""
        return self.name.partition(".")[2]

    @property
    def copied_columns(self) -> tuple[Column, ...]:
        """The columns that a snapshot holds, in order; secrets are never among them."""
        return tuple(c for c in self.columns if c.copied and not c.secret)

    def column(self, name: str) -> Column:
        """Return the column of this name; raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")
