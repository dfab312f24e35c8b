"""Which databases a cloud has: from settings, files and cell mappings; what fails is a gap."""

import sqlite3
from pathlib import Path

import pytest

from stackfsck.clients.cells import CELL0, fill
from stackfsck.clients.connections import UNKNOWN_CELLS, Source, sources
from stackfsck.clients.services import Services
from stackfsck.clients.settings import Settings, load
from stackfsck.model.errors import Unreadable

CELLS = """
create table cell_mappings (created_at datetime, id integer primary key, uuid varchar(36),
    name varchar(255), transport_url text, database_connection text, disabled boolean);
"""


def make_api(path: Path, *cells: tuple[str, str | None, str, int]) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(CELLS)
    connection.executemany(
        "insert into cell_mappings (uuid, name, database_connection, disabled) values (?, ?, ?, ?)",
        cells,
    )
    connection.commit()
    connection.close()


def found(settings: Settings, root: Path) -> dict[tuple[str, str], Source]:
    return {(one.store, one.scope): one for one in sources(settings, Services([root]))}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def reason(source: Source) -> str:
    with pytest.raises(Unreadable) as error:
        source.open()
    return str(error.value)


def test_services_files_are_enough(tmp_path: Path) -> None:
    make_api(
        tmp_path / "api.db",
        (CELL0, "cell0", "{scheme}:///{path}_cell0", 0),
        ("c1", "cell1", f"sqlite:///{tmp_path}/nova.db", 0),
        ("c2", None, f"sqlite:///{tmp_path}/nova.db", 1),
        ("c3", "cell1", f"sqlite:///{tmp_path}/nova.db", 0),
    )
    sqlite3.connect(tmp_path / "nova.db").close()
    write(
        tmp_path / "etc/kolla/nova-api/nova.conf",
        f"[database]\nconnection = sqlite:///{tmp_path}/nova.db\n"
        f"[api_database]\nconnection = sqlite:///{tmp_path}/api.db\n"
        "[DEFAULT]\ninstances_path = /srv/vms\n[cache]\nmemcache_servers = a:11211, b:11211\n",
    )
    write(tmp_path / "etc/cinder/cinder.conf", "[database]\nconnection = mysql:wrong-secret\n")
    services = found(Settings(), tmp_path / "etc")
    assert sorted(scope for store, scope in services if store == "nova") == [
        "c1",
        "c2",
        "c3",
        "cell0",
    ]
    services["nova", "c2"].open().close()
    assert "nova.db_cell0" in reason(services["nova", "cell0"])
    assert "not configured" in reason(services["neutron", ""])
    assert "no connection URL" in reason(services["cinder", ""])
    assert "secret" not in reason(services["cinder", ""])
    # Placement's old tables in nova's API database may be stale: nobody guesses.
    assert "not configured" in reason(services["placement", ""])
    assert ("keystone", "") not in services
    configured = Services([tmp_path / "etc"])
    assert configured.instances_path == "/srv/vms"
    assert configured.memcached_servers == ("a:11211", "b:11211")


def test_settings_come_first_and_cannot_leave_a_cell_out(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/api.db"
    make_api(
        tmp_path / "api.db",
        ("c1", "cell1", "sqlite:////elsewhere", 0),
        ("c2", "cell2", "sqlite:////elsewhere", 0),
        ("c3", "cell3", url, 0),
    )
    write(tmp_path / "etc/nova/nova.conf", "[api_database]\nconnection = mysql://h:1/x\n")
    write(
        tmp_path / "stackfsck.toml",
        f'[databases]\nnova_api = "{url}"\n'
        '[databases.nova]\ncell1 = "sqlite:///api.db"\nc2 = "sqlite:///api.db"\n'
        'cell9 = "sqlite:///api.db"\n',
    )
    services = found(load(tmp_path / "stackfsck.toml"), tmp_path / "etc")
    for store, scope in (("nova_api", ""), ("nova", "cell1"), ("nova", "cell2"), ("nova", "cell3")):
        assert services[store, scope].open().name == str(tmp_path / "api.db")
    assert "which nova does not have" in reason(services["nova", "cell9"])
    (tmp_path / "api.db").write_text("no database")
    services = found(load(tmp_path / "stackfsck.toml"), tmp_path / "etc")
    assert "not known which cells" in reason(services["nova", UNKNOWN_CELLS])
    assert ("nova", "cell1") in services


def test_cells_nobody_can_name_are_a_gap(tmp_path: Path) -> None:
    services = found(Settings(), tmp_path)
    assert "not known which cells" in reason(services["nova", UNKNOWN_CELLS])
    make_api(tmp_path / "empty.db")
    write(tmp_path / "nova/nova.conf", f"[api_database]\nconnection=sqlite:///{tmp_path}/empty.db")
    assert "maps no cells" in reason(found(Settings(), tmp_path)["nova", UNKNOWN_CELLS])
    sqlite3.connect(tmp_path / "empty.db").execute("drop table cell_mappings")
    assert "not a database of nova's API" in reason(
        found(Settings(), tmp_path)["nova", UNKNOWN_CELLS]
    )


def test_replicas_only_when_asked_for(tmp_path: Path) -> None:
    for name in ("main.db", "copy.db"):
        sqlite3.connect(tmp_path / name).close()
    write(
        tmp_path / "etc/glance/glance-api.conf",
        f"[database]\nconnection = sqlite:///{tmp_path}/main.db\n"
        f"slave_connection = sqlite:///{tmp_path}/copy.db\n",
    )
    write(tmp_path / "with.toml", "[databases]\nreplicas = true\n")
    glance = ("glance", "")
    assert found(Settings(), tmp_path / "etc")[glance].open().name.endswith("main.db")
    asked = load(tmp_path / "with.toml")
    assert found(asked, tmp_path / "etc")[glance].open().name.endswith("copy.db")
    (tmp_path / "copy.db").unlink()
    assert found(asked, tmp_path / "etc")[glance].open().name.endswith("main.db")


BASE = "mysql+pymysql://nova:p%40ss@db1:3306/nova?charset=utf8"


@pytest.mark.parametrize(
    ("template", "url"),
    [
        ("mysql://u:p@h/nova", "mysql://u:p@h/nova"),
        (
            "{scheme}://{username}:{password}@{hostname}:{port}/{path}_cell0?{query}",
            "mysql+pymysql://nova:p%40ss@db1:3306/nova_cell0?charset=utf8",
        ),
        ("mysql://{username}:{password}@h/c", "mysql://nova:p%40ss@h/c"),
        ("mysql://u{password.__class__}@h/c", "mysql://u{password.__class__}@h/c"),
    ],
)
def test_templates_of_cells(template: str, url: str) -> None:
    assert fill(template, BASE) == url


def test_templates_of_several_servers() -> None:
    base = "mysql://a:b@h1:1,c:d@[fd00::2]:2/nova"
    assert fill("{hostname1}{port1}{username2}{hostname2}{port2}", base) == "h11cfd00::22"


def test_templates_that_cannot_be_filled() -> None:
    with pytest.raises(Unreadable, match=r"asks for \{port\}"):
        fill("mysql://h:{port}/nova", "mysql://h/nova")
    with pytest.raises(Unreadable, match=r"no \[database\] connection"):
        fill("mysql://{hostname}/nova", "")
