"""Connection URLs: what services write, taken apart without ever showing the password."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackfsck.clients.dsn import Product, parse
from stackfsck.model.errors import Misused


def test_parts_of_a_usual_url() -> None:
    dsn = parse("mysql+pymysql://nova:p%40ss%2F@db.example:3307/nova_cell0?charset=utf8&ssl_ca=/a")
    assert (dsn.product, dsn.user, dsn.password) == (Product.MYSQL, "nova", "p@ss/")
    assert (dsn.host, dsn.port, dsn.database) == ("db.example", 3307, "nova_cell0")
    assert dsn.options == {"charset": "utf8", "ssl_ca": "/a"}
    assert str(dsn) == "nova_cell0 on db.example:3307 as nova"


@pytest.mark.parametrize(
    ("url", "host", "port", "socket"),
    [
        ("mysql://u:p@[fd00::1]:3306/d", "fd00::1", 3306, ""),
        ("mariadb+mariadbconnector://u:p@h/d", "h", 3306, ""),
        ("mysql+pymysql://u:p@/d?unix_socket=/run/mysqld.sock", "", 3306, "/run/mysqld.sock"),
        ("postgresql+psycopg2://u@h/d", "h", 5432, ""),
        ("postgresql:///d?host=/run/postgresql", "", 5432, "/run/postgresql"),
        ("mysql://u:with/slash@h/d", "h", 3306, ""),
        ("mysql://u:p@/d", "localhost", 3306, ""),
    ],
)
def test_places(url: str, host: str, port: int, socket: str) -> None:
    dsn = parse(url)
    assert (dsn.host, dsn.port, dsn.socket, dsn.database) == (host, port, socket, "d")


def test_files() -> None:
    assert parse("sqlite:////var/lib/nova.db").database == "/var/lib/nova.db"
    assert parse("sqlite:///nova.db").database == "nova.db"
    with pytest.raises(Misused, match="memory"):
        parse("sqlite://")


@pytest.mark.parametrize("url", ["", "nova", "mysql:/x", "mysql://u:secret@h:port/d", "mysql://["])
def test_what_is_no_url_is_named_by_its_place_only(url: str) -> None:
    with pytest.raises(Misused, match=r"no connection URL \(in nova.conf") as error:
        parse(url, where="in nova.conf")
    assert "secret" not in str(error.value)


def test_unknown_products_are_refused() -> None:
    with pytest.raises(Misused, match="'oracle' cannot be read"):
        parse("oracle://u:p@h/d")


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_password_survives_encoding_and_is_never_shown(user: str, password: str) -> None:
    from urllib.parse import quote

    dsn = parse(f"mysql://{quote(user, safe='')}:{quote(password, safe='')}@h/d?key={'x' * 9}")
    assert (dsn.user, dsn.password) == (user, password)
    assert "password" not in repr(dsn)
    assert "key" not in repr(dsn)
