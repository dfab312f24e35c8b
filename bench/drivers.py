"""The drivers that could read MySQL, on the same table, in the same run.

    python -m bench.drivers [--rows 300000] [--repeat 3]

Each one streams every row to its end and keeps none. asyncmy is measured when it is installed
(`pip install asyncmy`); stackfsck does not depend on it.
"""

import argparse
import asyncio
import importlib
import importlib.util
import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pymysql
from bench.cloud import make_cell
from pymysql.cursors import SSCursor
from tests.real.servers import folder_for_server, start_mariadb

from stackfsck.catalogue import TABLES
from stackfsck.clients.databases import connect
from stackfsck.clients.dsn import Dsn, parse
from stackfsck.store.arrow import schema_of

TABLE = TABLES["nova.instances"]
NAMES = [column.name for column in TABLE.copied_columns]
QUERY = f"select {', '.join(f'`{name}`' for name in NAMES)} from instances"


def main() -> None:
    """Measure and print one line of JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=300_000)
    options.add_argument("--repeat", type=int, default=3)
    chosen = options.parse_args()
    with folder_for_server() as folder:
        server = start_mariadb(folder, "--innodb-buffer-pool-size=2G")
        try:
            url = server.url(make_cell(server, chosen.rows, {"instances"}))
            print(json.dumps(compare(parse(url), chosen.rows, chosen.repeat), indent=1))
        finally:
            server.stop()


def compare(dsn: Dsn, rows: int, repeat: int) -> dict[str, object]:
    """Return the median seconds of each way and its ratio to the server's own client."""
    ways: dict[str, Callable[[Dsn], int | None]] = {
        "mariadb --quick": by_client,
        "stackfsck": by_stackfsck,
        "PyMySQL, streaming": by_pymysql,
    }
    if importlib.util.find_spec("asyncmy"):
        ways["asyncmy, streaming"] = by_asyncmy
        ways["asyncmy, into Arrow"] = by_asyncmy_into_arrow
    by_client(dsn)  # warms the server's cache
    took: dict[str, list[float]] = {name: [] for name in ways}
    worked: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeat):
        for name, way in ways.items():
            began, cpu = time.monotonic(), _cpu()
            assert way(dsn) in {rows, None}
            took[name].append(time.monotonic() - began)
            worked[name].append(_cpu() - cpu)
    seconds = {name: statistics.median(times) for name, times in took.items()}
    base = seconds["mariadb --quick"]
    return {
        "rows": rows,
        "columns": len(NAMES),
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
        "cpu_seconds": {name: round(statistics.median(cpu), 2) for name, cpu in worked.items()},
        "ratio": {name: round(value / base, 2) for name, value in seconds.items()},
    }


def _cpu() -> float:
    """Return the processor time of this process and its ended children, without the server's."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def by_client(dsn: Dsn) -> None:
    """Stream with the server's own client to /dev/null."""
    where = [f"--host={dsn.host}", f"--port={dsn.port}", f"--user={dsn.user}"]
    command = ["mariadb", "--no-defaults", *where, f"--password={dsn.password}"]
    ask = ["--quick", "--batch", "--skip-column-names", "-e", QUERY, dsn.database]
    subprocess.run([*command, *ask], check=True, stdout=subprocess.DEVNULL)


def by_stackfsck(dsn: Dsn) -> int:
    """Stream into Arrow batches, as a check does."""
    database = connect(dsn)
    schema = schema_of(TABLE, NAMES, decoded=True)
    rows: int = sum(batch.num_rows for batch in database.read("instances", schema))
    database.close()
    return rows


def by_pymysql(dsn: Dsn) -> int:
    """Stream with PyMySQL's own unbuffered cursor, a thousand rows at a time."""
    connection = pymysql.connect(
        host=dsn.host,
        port=dsn.port,
        user=dsn.user,
        password=dsn.password,
        database=dsn.database,
        cursorclass=SSCursor,
    )
    rows = 0
    with connection, connection.cursor() as cursor:
        cursor.execute(QUERY)
        while some := cursor.fetchmany(1000):
            rows += len(some)
    return rows


def by_asyncmy(dsn: Dsn) -> int:
    """Stream with asyncmy's unbuffered cursor, a thousand rows at a time."""
    rows: int = asyncio.run(_by_asyncmy(dsn, into_arrow=False))
    return rows


def by_asyncmy_into_arrow(dsn: Dsn) -> int:
    """Stream with asyncmy and make the batches that a snapshot takes, UUIDs still as text."""
    rows: int = asyncio.run(_by_asyncmy(dsn, into_arrow=True))
    return rows


async def _by_asyncmy(dsn: Dsn, *, into_arrow: bool) -> int:
    asyncmy: Any = importlib.import_module("asyncmy")
    streaming: Any = importlib.import_module("asyncmy.cursors").SSCursor
    connection = await asyncmy.connect(
        host=dsn.host, port=dsn.port, user=dsn.user, password=dsn.password, db=dsn.database
    )
    rows = 0
    async with connection.cursor(cursor=streaming) as cursor:
        await cursor.execute(QUERY)
        while some := await cursor.fetchmany(1000):
            rows += len(some)
            if into_arrow:
                pa.record_batch([pa.array(values) for values in zip(*some, strict=True)], NAMES)
    connection.close()
    return rows


if __name__ == "__main__":
    main()
