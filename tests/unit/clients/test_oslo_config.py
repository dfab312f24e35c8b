"""The services' own files, as oslo.config reads them."""

from pathlib import Path

import pytest

from stackfsck.clients import oslo_config
from stackfsck.model.errors import Unreadable


def config(tmp_path: Path, text: str) -> oslo_config.ServiceConfig:
    file = tmp_path / "nova.conf"
    file.write_text(text)
    return oslo_config.read([file])


def test_groups_comments_and_the_last_one_wins(tmp_path: Path) -> None:
    found = config(
        tmp_path,
        "# comment\nstray = 1\n[DEFAULT]\nhost = a\n; other\n[database]\nconnection = one\n"
        "# connection = two\nconnection: three\n[DEFAULT]\nhost = 'b'\n",
    )
    assert found.get("database", "connection") == "three"
    assert found.get("DEFAULT", "host") == "b"
    assert found.get("DEFAULT", "stray") == "1"
    assert found.get("database", "absent") == ""


def test_lines_that_go_on(tmp_path: Path) -> None:
    found = config(tmp_path, "[pci]\nspec = one\n  two\n\t# three\n\n  four\nafter = 5\n")
    assert found.get("pci", "spec") == "one\ntwo\n# three"
    assert found.get("pci", "after") == "5"


def test_references_are_filled_in(tmp_path: Path) -> None:
    found = config(
        tmp_path,
        "[DEFAULT]\nstate_path = /var/lib/nova\ninstances_path = $state_path/instances\n"
        "[database]\nuser = nova\nconnection = mysql://${user}:a$$b\\$c$none@${db.host}/nova\n"
        "[db]\nhost = $DEFAULT.name\n[DEFAULT]\nname = db1\nloop = $loop\n",
    )
    assert found.get("DEFAULT", "instances_path") == "/var/lib/nova/instances"
    assert found.get("database", "connection") == "mysql://nova:a$b$c$none@db1/nova"
    assert found.get("DEFAULT", "loop") == "$loop"


def test_several_files_and_folders_in_order(tmp_path: Path) -> None:
    (tmp_path / "nova.conf").write_text("[a]\nx = 1\ny = 1\n")
    folder = tmp_path / "nova.conf.d"
    folder.mkdir()
    (folder / "20.conf").write_text("[a]\nx = 3\n")
    (folder / "10.conf").write_text("[a]\nx = 2\ny = 2\n")
    (folder / "30.txt").write_text("[a]\nx = 4\n")
    found = oslo_config.read([tmp_path / "nova.conf", tmp_path / "absent.conf", folder])
    assert (found.get("a", "x"), found.get("a", "y")) == ("3", "2")
    assert found.where("a", "x") == f"[a] x in {folder / '20.conf'}"
    assert [path.name for path in found.paths] == ["nova.conf", "10.conf", "20.conf"]


def test_a_file_that_may_not_be_read_is_no_empty_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "nova.conf"
    file.write_text("[a]\nx = 1\n")

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)  # root may read everything: no mode forbids it
    with pytest.raises(Unreadable, match="may not be read"):
        oslo_config.read([file])
