"""A nova cell of any size in MariaDB, made by the server itself, for the measurements beside it.

Tables have the columns of the catalogue, the indexes that nova gives them, and a filler where nova
has wide columns that are never copied, so that scanning them costs what it costs in a real cell.
"""

from collections.abc import Collection

from tests.real.servers import MariaServer

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.table import Table, Type

_TYPES = {
    Type.UUID: "varchar(36)",
    Type.INTEGER: "int",
    Type.FLOAT: "double",
    Type.TEXT: "varchar(255)",
    Type.BOOLEAN: "tinyint(1)",
    Type.TIME: "datetime",
}
HOSTS = 2_000
# Rows per VM, as cells of a year's age have them.
_CHILDREN = {
    "block_device_mapping": 1.5,
    "virtual_interfaces": 1.1,
    "migrations": 0.2,
    "instance_extra": 1.0,
    "instance_info_caches": 1.0,
    "instance_system_metadata": 3.0,
    "instance_faults": 0.05,
    "instance_id_mappings": 1.0,
}
_FILLERS = {"instances": 300, "instance_extra": 1000, "instance_info_caches": 600}


def make_cell(server: MariaServer, instances: int, only: Collection[str] = ()) -> str:
    """Make a database of one cell with this many VMs, or `only` these tables; return its name."""
    name = server.database(name="nova_bench")
    for table in TABLES.values():
        if table.store == "nova" and table.short_name not in {"strays", "info_caches"}:
            server.run(_create(table), name)
            if not only or table.short_name in only:
                server.run(_fill(table, instances), name)
    return name


def _create(table: Table) -> str:
    columns = [f"`{c.name}` {_TYPES[c.type]}" for c in table.columns if c.name != "id"]
    if any(c.name == "id" for c in table.columns):
        columns.insert(0, "`id` int auto_increment primary key")
    if size := _FILLERS.get(table.short_name):
        columns.append(f"filler varchar({size})")
    vm = table.vm or ("uuid" if table.short_name == "instance_id_mappings" else "")
    if vm:
        unique = "unique " if table.short_name == "instances" else ""
        columns.append(f"{unique}index `by_vm` (`{vm}`)")
    return f"create table `{table.short_name}` ({', '.join(columns)}) character set utf8mb3"


def _fill(table: Table, instances: int) -> str:
    rows = _rows(table.short_name, instances)
    if not rows:
        return "select 1"
    names, values = [], []
    for column in table.columns:
        if column.name == "id":
            continue
        names.append(f"`{column.name}`")
        values.append(_value(table, column.name, column.type, instances))
    if size := _FILLERS.get(table.short_name):
        names.append("filler")
        values.append(f"repeat('x', {size})")
    return (
        "set unique_checks = 0; "
        f"insert into `{table.short_name}` ({', '.join(names)}) "
        f"select {', '.join(values)} from seq_1_to_{rows}"
    )


def _rows(table: str, instances: int) -> int:
    if table == "instances":
        return instances
    if table in {"services", "compute_nodes"}:
        return HOSTS
    return int(_CHILDREN.get(table, 0) * instances)


def _value(table: Table, column: str, kind: Type, instances: int) -> str:
    """Return the SQL of one value of row `seq`; a tenth of the VMs are deleted."""
    vm = f"(seq - 1) % {instances} + 1"
    deleted = f"({vm}) % 10 = 0"
    own = {
        "deleted": f"if({deleted}, seq, 0)",
        "deleted_at": f"if({deleted}, '2026-03-04 05:06:07', null)",
        "terminated_at": f"if({deleted}, '2026-03-04 05:06:07', null)",
        "updated_at": "date_add('2026-01-01', interval seq second)",
        "vm_state": f"if({deleted}, 'deleted', 'active')",
        "task_state": "null",
        "task": "null",
        "display_name": "concat('vm-of-team-', seq)",
        "project_id": f"md5({vm} % 5000)",
        "user_id": f"md5({vm} % 9000)",
        "host": f"concat('compute-', lpad({vm} % {HOSTS}, 4, '0'), '.example.org')",
        "node": f"concat('compute-', lpad({vm} % {HOSTS}, 4, '0'), '.example.org')",
        "address": "concat('fa:16:3e:', hex(seq))",
        "device_name": "'/dev/vda'",
        "source_type": "'volume'",
        "destination_type": "'volume'",
        "availability_zone": "'nova'",
        "network_info": "'[{\"id\": 1}]'",
    }
    is_vm = column == (table.vm or "uuid")
    if kind is Type.UUID:
        return uuid_of("vm", vm) if is_vm else uuid_of(column, "seq")
    by_type = {
        Type.INTEGER: "seq % 64",
        Type.FLOAT: "seq / 3",
        Type.BOOLEAN: "seq % 2",
        Type.TIME: "'2026-01-01 00:00:00'",
        Type.TEXT: "concat('value-', seq % 100)",
    }
    return own.get(column, by_type[kind])


def uuid_of(kind: str, number: str) -> str:
    """Return the SQL of a UUID made of a number, spread like random ones."""
    text = f"md5(concat('{kind}', {number}))"
    for place in (9, 14, 19, 24):
        text = f"insert({text}, {place}, 0, '-')"
    return text
