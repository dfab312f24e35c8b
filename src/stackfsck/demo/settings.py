"""The settings of the embedded cloud: how stackfsck reaches what lies in the folder."""

import json

from stackfsck.demo.folder import CEPH_HOST, SCHEMAS, Folder

HEAD = """\
# How stackfsck reaches the demo cloud: databases are SQLite files, hosts are recorded answers.
# In a real cloud most of this is found in the services' own files; see the guide.
"""


def write(folder: Folder) -> None:
    """Write `stackfsck.toml`, tell nova where its cells lie, and forget earlier faults."""
    with folder.open("nova_api") as connection:
        for name in SCHEMAS:
            if name.startswith("nova_cell"):
                connection.execute(
                    "update cell_mappings set database_connection = ? where name = ?",
                    (f"sqlite:///{folder.database(name)}", name.removeprefix("nova_")),
                )
    folder.state.write_text(json.dumps({"injected": [], "used": []}) + "\n", "utf-8")
    folder.memcached.write_text("", "utf-8")
    folder.settings.write_text(_toml(folder), "utf-8")


def _toml(folder: Folder) -> str:
    """Return the settings; paths are relative to them, so that the folder may be moved."""
    paths = {name: folder.database(name).relative_to(folder.root) for name in SCHEMAS}
    lines = [HEAD, "[databases]"]
    lines += [f'{n} = "sqlite:///{p}"' for n, p in paths.items() if not n.startswith("nova_cell")]
    lines += ["", "[databases.nova]"]
    lines += [
        f'{n.removeprefix("nova_")} = "sqlite:///{p}"'
        for n, p in paths.items()
        if n.startswith("nova_cell")
    ]
    lines += ["", "[files]", "roots = []  # no service of this machine is part of it"]
    lines += ["", "[[hosts]]", 'transport = "sim"', 'folder = "hosts"']
    lines += ["", "[memcached]", f'servers = ["sim:{folder.memcached.name}"]']
    lines += ["", "[ceph]", f'host = "{CEPH_HOST}"', 'pools = ["vms", "volumes"]']
    lines += ["", "[limits]", 'pause = "1s"  # nothing moves here; leave it out for a real cloud']
    return "\n".join(lines) + "\n"
