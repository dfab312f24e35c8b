"""What a MySQL or MariaDB database declares, from its information_schema."""

from collections import defaultdict
from collections.abc import Iterator

from pymysql.cursors import Cursor

from stackfsck.clients.databases.base import ColumnMet, ReferenceMet, SchemaMet, TableMet

_COLUMNS = """
    select c.table_name, c.column_name, c.column_type, c.is_nullable, c.ordinal_position
    from information_schema.columns as c
    join information_schema.tables as t
      on t.table_schema = c.table_schema and t.table_name = c.table_name
    where c.table_schema = database() and t.table_type = 'BASE TABLE'
    order by c.table_name, c.ordinal_position
"""
_KEYS = """
    select table_name, column_name
    from information_schema.key_column_usage
    where table_schema = database() and constraint_name = 'PRIMARY'
    order by table_name, ordinal_position
"""
_REFERENCES = """
    select k.constraint_name, k.table_name, k.column_name, k.referenced_table_name,
           k.referenced_column_name, r.delete_rule
    from information_schema.key_column_usage as k
    join information_schema.referential_constraints as r
      on r.constraint_schema = k.table_schema and r.constraint_name = k.constraint_name
     and r.table_name = k.table_name
    where k.table_schema = database() and k.referenced_table_schema = database()
    order by k.table_name, k.constraint_name, k.ordinal_position
"""


def read_schema(cursor: Cursor, version: str) -> SchemaMet:
    """Return tables, columns, primary keys and foreign keys of the current database."""
    keys: dict[str, list[str]] = defaultdict(list)
    for table, column in _rows(cursor, _KEYS):
        keys[table].append(column)
    columns: dict[str, dict[str, ColumnMet]] = defaultdict(dict)
    for table, name, kind, nullable, place in _rows(cursor, _COLUMNS):
        columns[table][name] = ColumnMet(
            name=name, sql_type=kind, nullable=nullable == "YES", position=int(place)
        )
    tables = {
        name: TableMet(name=name, columns=met, primary_key=tuple(keys[name]))
        for name, met in columns.items()
    }
    return SchemaMet(
        product="mysql", version=version, tables=tables, references=tuple(_references(cursor))
    )


def _references(cursor: Cursor) -> Iterator[ReferenceMet]:
    parts: dict[tuple[str, str], list[tuple[str, ...]]] = defaultdict(list)
    for row in _rows(cursor, _REFERENCES):
        parts[row[1], row[0]].append(row)
    for (table, name), rows in parts.items():
        yield ReferenceMet(
            name=name,
            table=table,
            columns=tuple(row[2] for row in rows),
            parent=rows[0][3],
            parent_columns=tuple(row[4] for row in rows),
            on_delete=rows[0][5],
        )


def _rows(cursor: Cursor, sql: str) -> list[tuple[str, ...]]:
    cursor.execute(sql)
    return [tuple(map(_plain, row)) for row in cursor.fetchall()]


def _plain(value: object) -> str:
    """MySQL 8 hands out its own dictionary's texts as bytes."""
    return value.decode() if isinstance(value, bytes) else str(value)
