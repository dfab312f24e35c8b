"""What a MySQL or MariaDB database declares.

Columns come from information_schema. Keys and foreign keys do not: there an account that may only
read sees none of them. `show create table` tells them to whoever may read the table.

Source: https://mariadb.com/kb/en/information-schema-key_column_usage-table/ and measured: an
account with SELECT alone gets no rows.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

import pymysql
from pymysql.constants import ER
from pymysql.cursors import Cursor

from stackfsck.clients.databases.base import ColumnMet, ReferenceMet, SchemaMet, TableMet
from stackfsck.clients.databases.statements import MYSQL

_COLUMNS = """
    select c.table_name, c.column_name, c.column_type, c.is_nullable, c.ordinal_position
    from information_schema.columns as c
    join information_schema.tables as t
      on t.table_schema = c.table_schema and t.table_name = c.table_name
    where c.table_schema = database() and t.table_type = 'BASE TABLE'
    order by c.table_name, c.ordinal_position
"""
_NAME = r"`(?:[^`]|``)*`"
_NAMES = rf"\(({_NAME}(?:,\s*{_NAME})*)\)"
_PRIMARY = re.compile(rf"^\s*PRIMARY KEY {_NAMES}", re.MULTILINE)
_FOREIGN = re.compile(
    rf"^\s*CONSTRAINT ({_NAME}) FOREIGN KEY {_NAMES} REFERENCES ({_NAME}) {_NAMES}"
    r"(?:.*? ON DELETE (CASCADE|SET NULL|SET DEFAULT|NO ACTION|RESTRICT))?",
    re.MULTILINE,
)


def read_schema(cursor: Cursor, version: str) -> SchemaMet:
    """Return tables, columns, primary keys and foreign keys of the current database."""
    columns: dict[str, dict[str, ColumnMet]] = defaultdict(dict)
    cursor.execute(_COLUMNS)
    for row in cursor.fetchall():
        table, name, kind, nullable, place = map(_plain, row)
        columns[table][name] = ColumnMet(
            name=name, sql_type=kind, nullable=nullable == "YES", position=int(place)
        )
    made = {name: _created(cursor, name) for name in columns}
    tables = {
        name: TableMet(name=name, columns=met, primary_key=_primary_key(made[name]))
        for name, met in columns.items()
    }
    references = tuple(one for name, text in made.items() for one in _references(name, text))
    return SchemaMet(product="mysql", version=version, tables=tables, references=references)


def _created(cursor: Cursor, table: str) -> str:
    """Return the table's own statement; empty when the account may see only some columns."""
    try:
        cursor.execute(f"show create table {MYSQL.name(table)}", ())
    except pymysql.err.MySQLError as error:
        if error.args and error.args[0] == ER.TABLEACCESS_DENIED_ERROR:
            return ""
        raise
    row = cursor.fetchone()
    return _plain(row[1]) if row else ""


def _primary_key(text: str) -> tuple[str, ...]:
    match = _PRIMARY.search(text)
    return _split(match[1]) if match else ()


def _references(table: str, text: str) -> Iterator[ReferenceMet]:
    for name, columns, parent, parent_columns, on_delete in _FOREIGN.findall(text):
        yield ReferenceMet(
            name=_split(name)[0],
            table=table,
            columns=_split(columns),
            parent=_split(parent)[0],
            parent_columns=_split(parent_columns),
            on_delete=on_delete or "RESTRICT",
        )


def _split(names: str) -> tuple[str, ...]:
    return tuple(name[1:-1].replace("``", "`") for name in re.findall(_NAME, names))


def _plain(value: object) -> str:
    """MySQL 8 hands out texts of its own dictionary as bytes."""
    return value.decode() if isinstance(value, bytes) else str(value)
