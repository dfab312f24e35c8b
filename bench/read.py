"""How long reading a cell of a million VMs takes, against the server's own client.

    python -m bench.read [--instances 1000000] [--repeat 3] [--keep FOLDER]

Both read the same columns of the same tables over the same loopback connection, one after the
other in the same run: `mariadb --quick` to /dev/null, and stackfsck into a snapshot. What counts
is the ratio; seconds depend on the machine.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.cloud import make_cell
from tests.real.servers import MariaServer, folder_for_server, start_mariadb

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.table import Table
from stackfsck.clients.databases import Database, connect
from stackfsck.clients.dsn import parse
from stackfsck.collect.places import Place
from stackfsck.collect.tables import read_table
from stackfsck.store.arrow import schema_of
from stackfsck.store.snapshot import Snapshot

DERIVED = {"nova.strays", "nova.info_caches"}


def copied_tables() -> list[Table]:
    """Return the tables of a cell that travel into a snapshot."""
    return [t for t in TABLES.values() if t.store == "nova" and t.copied and t.name not in DERIVED]


def main() -> None:
    """Measure and print one line of JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--instances", type=int, default=1_000_000)
    options.add_argument("--repeat", type=int, default=3)
    options.add_argument("--only", choices=["read", "snapshot"])
    options.add_argument("--url", default="")
    chosen = options.parse_args()
    if chosen.only:
        print(json.dumps(ours(chosen.url, store=chosen.only == "snapshot")))
        return
    with folder_for_server() as folder:
        server = start_mariadb(folder, *BIG)
        try:
            print(json.dumps(compare(server, chosen.instances, chosen.repeat), indent=1))
        finally:
            server.stop()


BIG = (
    "--innodb-buffer-pool-size=3G",
    "--innodb-log-file-size=512M",
    "--innodb-flush-method=O_DIRECT_NO_FSYNC",
    "--skip-innodb-doublewrite",
)


def compare(server: MariaServer, instances: int, repeat: int) -> dict[str, object]:
    """Run every way in turn, `repeat` times; return the medians and the ratios."""
    began = time.monotonic()
    url = server.url(make_cell(server, instances, {t.short_name for t in copied_tables()}))
    made = time.monotonic() - began
    theirs(server, url)  # warms the server's cache for everybody
    runs: dict[str, list[float]] = {"mariadb": [], "read": [], "snapshot": []}
    peak, rows = 0.0, 0
    for _ in range(repeat):
        runs["mariadb"].append(theirs(server, url))
        for way in ("read", "snapshot"):
            answer = apart(way, url)
            runs[way].append(float(answer["seconds"]))
            peak, rows = max(peak, float(answer["peak_mib"])), int(answer["rows"])
    medians = {way: statistics.median(seconds) for way, seconds in runs.items()}
    return {
        "instances": instances,
        "rows": rows,
        "generating_seconds": round(made, 1),
        **{f"{way}_seconds": round(seconds, 2) for way, seconds in medians.items()},
        "ratio_read": round(medians["read"] / medians["mariadb"], 2),
        "ratio_snapshot": round(medians["snapshot"] / medians["mariadb"], 2),
        "peak_mib": round(peak),
    }


def theirs(server: MariaServer, url: str) -> float:
    """Stream the tables with the server's own client; return seconds."""
    dsn = parse(url)
    began = time.monotonic()
    for table in copied_tables():
        names = ", ".join(f"`{column.name}`" for column in table.copied_columns)
        command = ["mariadb", "--no-defaults", "--quick", "--batch", "--skip-column-names"]
        where = [f"--host={dsn.host}", f"--port={server.port}", f"--user={dsn.user}"]
        ask = [f"--password={dsn.password}", dsn.database, "-e"]
        query = f"select {names} from `{table.short_name}`"
        subprocess.run([*command, *where, *ask, query], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def apart(way: str, url: str) -> dict[str, float]:
    """Run one way in a process of its own, so that its peak of memory is its own."""
    command = [sys.executable, "-m", "bench.read", "--only", way, "--url", url]
    answer: dict[str, float] = json.loads(subprocess.check_output(command))
    return answer


def ours(url: str, *, store: bool) -> dict[str, float]:
    """Read the tables, into a snapshot or to nowhere."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        database = connect(parse(url))
        rows = _into_snapshot(database, Path(folder)) if store else _to_nowhere(database)
        database.close()
        seconds = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "rows": rows, "peak_mib": peak}


def _to_nowhere(database: Database) -> int:
    return sum(
        batch.num_rows
        for table in copied_tables()
        for batch in database.read(
            table.short_name,
            schema_of(table, [column.name for column in table.copied_columns], decoded=True),
        )
    )


def _into_snapshot(database: Database, folder: Path) -> int:
    place = Place(store="nova", scope="cell1", open=lambda: database)
    with Snapshot.create(folder / "snapshot.duckdb") as snapshot:
        readings = [read_table(database, table, place, snapshot) for table in copied_tables()]
    return sum(reading.rows for reading in readings)


if __name__ == "__main__":
    main()
