"""stackfsck.toml: strict, with defaults, and secrets from elsewhere."""

from datetime import timedelta
from pathlib import Path

import pytest

from stackfsck.clients.dsn import parse
from stackfsck.clients.durations import duration
from stackfsck.clients.host_settings import Transport, expand
from stackfsck.clients.settings import Settings, load
from stackfsck.model.errors import Misused


@pytest.fixture
def write(tmp_path: Path) -> "Writer":
    return Writer(tmp_path / "stackfsck.toml")


class Writer:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, text: str, **environment: str) -> Settings:
        self.path.write_text(text)
        return load(self.path, environment)


def test_nothing_set_means_defaults(write: Writer) -> None:
    settings = write("")
    assert settings.file_roots == (Path("/etc"),)
    assert (settings.hosts, settings.memcached, settings.databases.stores) == ((), (), {})
    assert settings.limits.grace == timedelta(seconds=120)


def test_databases_and_their_passwords(write: Writer) -> None:
    (write.path.parent / "secret").write_text("common\n")
    settings = write(
        '[databases]\nnova_api = "mysql://u@h/nova_api"\nplacement = "mysql://u:own@h/p"\n'
        'cinder = {url = "mysql://u@h/cinder", password_env = "CINDER"}\npassword_file = "secret"\n'
        'glance = "sqlite:///databases/glance.db"\n[databases.nova]\ncell0 = "mysql://u@h/c0"\n'
        'cell1 = {url = "mysql://u@h/c1", password_env = "CELL"}\n',
        CINDER="c",
        CELL="one",
    )
    stores, cells = settings.databases.stores, settings.databases.cells
    assert stores["nova_api"].password == "common"
    assert stores["placement"].password == "own"
    assert stores["cinder"].password == "c"
    assert stores["glance"].database == str(write.path.parent / "databases/glance.db")
    assert [(cell, dsn.password) for cell, dsn in cells.items()] == [
        ("cell0", "common"),
        ("cell1", "one"),
    ]


def test_an_account_of_ones_own_for_urls_of_services(write: Writer) -> None:
    databases = write('[databases]\nuser = "fsck"\npassword_env = "P"', P="own").databases
    place = databases.own_account(parse("mysql://nova:secret@h/nova"))
    assert (place.user, place.password, place.host) == ("fsck", "own", "h")
    assert "own" not in repr(databases)


def test_hosts_inherit_from_ssh(write: Writer) -> None:
    settings = write(
        '[ssh]\nuser = "fsck"\nsudo = true\njump = "gate"\n'
        '[[hosts]]\nname = "cmp-[08-10]"\naddress = "{name}.example"\nport = 2222\n'
        '[[hosts]]\nname = "here"\ntransport = "local"\nsudo = false\n'
        'prefix = ["kubectl", "exec", "-i", "pod-{name}", "--"]\nlibvirt_prefix = []\n'
        '[[hosts]]\ntransport = "sim"\nfolder = "hosts"\n[limits]\nhost_timeout = "90s"\n'
    )
    first, *_, here, played = settings.hosts
    assert [host.at.name for host in settings.hosts] == ["cmp-08", "cmp-09", "cmp-10", "here", ""]
    assert (first.at.address, first.at.port, first.at.user) == ("cmp-08.example", 2222, "fsck")
    assert (first.at.sudo, first.at.jump, first.at.seconds) == (True, ("gate",), 90.0)
    assert (here.transport, here.at.sudo) == (Transport.LOCAL, False)
    assert here.at.prefix == ("kubectl", "exec", "-i", "pod-here", "--")
    assert here.at.parameters == {"libvirt_prefix": []}
    assert (played.transport, played.folder) == (Transport.SIM, write.path.parent / "hosts")


@pytest.mark.parametrize(
    ("text", "complaint", "way_on"),
    [
        ("[databse]\n", "databse in .* means nothing", "did you mean 'databases'"),
        ('[databases]\ncinders = "x"', r"\[databases\] cinders", "'cinder'"),
        ("[limits]\ngrace = 10", r"\[limits\] grace in .* must be a text", ""),
        ('[limits]\ngrace = "10"', r"\[limits\] grace in .*'10' is no duration", "30s"),
        ("[limits]\nparallel = true", "whole number from 1 to 1000", ""),
        ("[[hosts]]\n", "name in .* is missing", ""),
        ('[[hosts]]\nname = "a"\ntransport = "telnet"', "must be one of local, ssh, sim", ""),
        ('[[hosts]]\nname = "a"\n[[hosts]]\nname = "[a-b]"\n[[hosts]]\nname = "a"', "a stands", ""),
        ('[[hosts]]\nname = "a"\nuser_name = "b"', "user_name in", ""),
        ('[hosts]\nname = "a"', r"write \[\[hosts\]\]", ""),
        ('[databases]\ncinder = "mysql:secret"', "no connection URL", "mysql"),
        ('[databases]\ncinder = {url = "mysql://u@h/c", password_env = "X"}', "X is not set", ""),
        ('[databases]\npassword_file = "absent"', "absent cannot be read", ""),
        ('[databases]\nuser = "fsck"', "user in .* needs password_file", ""),
        ('[ceph]\nhost = "a"', "needs both", ""),
        ("[databases", "is not TOML", ""),
    ],
)
def test_mistakes_are_named_with_the_way_on(
    write: Writer, text: str, complaint: str, way_on: str
) -> None:
    with pytest.raises(Misused, match=complaint) as error:
        write(text)
    assert way_on in error.value.next_step
    assert "secret" not in str(error.value)


def test_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert load(environment={}).path is None
    own = tmp_path / "stackfsck/stackfsck.toml"
    own.parent.mkdir()
    own.write_text("")
    assert load(environment={}).path == own
    with pytest.raises(Misused, match="no settings file /nowhere"):
        load(environment={"STACKFSCK_CONFIG": "/nowhere"})


def test_durations() -> None:
    assert duration("1h30m") == timedelta(hours=1, minutes=30)
    assert duration(" 0.5s ") == timedelta(milliseconds=500)
    assert duration("0") == timedelta(0)
    for word in ("", "10", "s", "-1s", "1y", "99999999999w"):
        with pytest.raises(Misused):
            duration(word)


def test_names_with_ranges() -> None:
    assert list(expand("r[1-2]n[09-10]")) == ["r1n09", "r1n10", "r2n09", "r2n10"]
    with pytest.raises(Misused):
        list(expand("n[5-1]"))
