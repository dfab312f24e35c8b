"""The cloud while it is being made up: rows by database and table, records by host."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from stackfsck.demo.folder import SCHEMAS, Folder, Records, Row, empty_host

AHEAD = timedelta(days=3650)
"""Nothing in a folder reports or goes on: what a living cloud renews all the time (reports of
services, states of running operations) is dated this far ahead, so that the cloud stays healthy."""


class Dice(random.Random):
    """Chance with a seed: the same cloud every time."""

    def uuid(self) -> str:
        """Return a UUID of version 4."""
        return str(UUID(int=self.getrandbits(128), version=4))

    def hex(self, digits: int = 32) -> str:
        """Return so many hexadecimal digits."""
        return f"{self.getrandbits(digits * 4):0{digits}x}"

    def mac(self) -> str:
        """Return a hardware address of the kind that neutron makes up."""
        return "fa:16:3e:" + ":".join(f"{self.randrange(256):02x}" for _ in range(3))


@dataclass(slots=True)
class World:
    """Everything made up so far; `now` is the moment at which the cloud is built (UTC)."""

    now: datetime
    dice: Dice
    tables: dict[tuple[str, str], list[Row]] = field(default_factory=lambda: defaultdict(list))
    hosts: dict[str, Records] = field(default_factory=dict)
    numbers: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    def add(self, database: str, table: str, **columns: Any) -> None:  # noqa: ANN401 -- any value that a column may have
        """Add a row; columns that are not named take the schema's default."""
        self.tables[database, table].append(columns)

    def number(self, database: str, table: str) -> int:
        """Return the next number of an autoincrement column."""
        self.numbers[database, table] += 1
        return self.numbers[database, table]

    def insert(self, database: str, table: str, **columns: Any) -> int:  # noqa: ANN401 -- as above
        """Add a row with the next number as its `id`, and return the number."""
        number = self.number(database, table)
        self.add(database, table, id=number, **columns)
        return number

    def see(self, host: str, table: str, **columns: Any) -> None:  # noqa: ANN401 -- as above
        """Add a record to a host."""
        self.hosts.setdefault(host, empty_host(host))[table].append(columns)

    def ago(self, **span: float) -> datetime:
        """Return the moment so long before the cloud is built."""
        return (self.now - timedelta(**span)).replace(microsecond=0)

    @property
    def ahead(self) -> str:
        """The moment that stands for "just now", whenever the cloud is read."""
        return stamp(self.now + AHEAD)

    def save(self, folder: Folder) -> None:
        """Write everything into a folder."""
        for name in SCHEMAS:
            folder.create(name)
            with folder.open(name) as connection:
                for (database, table), rows in self.tables.items():
                    if database == name:
                        for row in rows:
                            connection.execute(*insert_statement(table, row))
        for host, records in self.hosts.items():
            folder.write_host(host, records)


def insert_statement(table: str, row: Row) -> tuple[str, list[Any]]:
    """Return an insert of one row, and its values."""
    columns = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    return f'insert into "{table}" ({columns}) values ({marks})', list(row.values())


def stamp(moment: datetime) -> str:
    """Write a moment as databases do."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def isotime(moment: datetime) -> str:
    """Write a moment as the probe does."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def dashed(digits: str) -> str:
    """Write 32 hexadecimal digits as a UUID."""
    return str(UUID(digits))
