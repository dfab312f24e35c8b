"""The settings of the embedded cloud: how stackfsck reaches what lies in the folder."""

import json

from stackfsck.demo.folder import SCHEMAS, Folder


def write(folder: Folder) -> None:
    """Write `stackfsck.toml`, tell nova's cells where they lie, and forget earlier faults."""
    with folder.open("nova_api") as connection:
        for name in SCHEMAS:
            if name.startswith("nova_cell"):
                connection.execute(
                    "update cell_mappings set database_connection = ? where name = ?",
                    (url(folder, name), name.removeprefix("nova_")),
                )
    folder.state.write_text(json.dumps({"injected": [], "used": []}) + "\n", "utf-8")
    folder.settings.write_text("", "utf-8")


def url(folder: Folder, name: str) -> str:
    """Return the connection URL of a database."""
    return f"sqlite:///{folder.database(name)}"
