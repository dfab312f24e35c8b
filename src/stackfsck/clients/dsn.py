"""Connection URLs as SQLAlchemy and the services write them, taken apart.

`mysql+pymysql://nova:p%40ss@[fd00::1]:3306/nova?charset=utf8&ssl_ca=/etc/ssl/ca.pem`

Source: https://docs.sqlalchemy.org/en/20/core/engines.html#database-urls
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qsl, unquote

from stackfsck.model.errors import Misused


class Product(StrEnum):
    """Which kind of server (or file) answers."""

    MYSQL = "mysql"
    POSTGRESQL = "postgresql"
    SQLITE = "sqlite"


_PRODUCTS = {
    "mysql": Product.MYSQL,
    "mariadb": Product.MYSQL,
    "postgresql": Product.POSTGRESQL,
    "postgres": Product.POSTGRESQL,
    "sqlite": Product.SQLITE,
}
_PORTS = {Product.MYSQL: 3306, Product.POSTGRESQL: 5432, Product.SQLITE: 0}

# A password may hold anything but "@", as in SQLAlchemy: operators do forget to encode a slash.
_URL = re.compile(
    r"""(?P<scheme>[a-z0-9]+)(?:\+[a-z0-9_]+)?://
        (?:(?P<user>[^:/@]*)(?::(?P<password>[^@]*))?@)?
        (?:\[(?P<ipv6>[0-9A-Fa-f:.%]+)\]|(?P<host>[^/:?\[\]@]*))?
        (?::(?P<port>\d*))?
        (?:/(?P<database>[^?]*))?
        (?:\?(?P<query>.*))?""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, kw_only=True)
class Dsn:
    """One database and how to get in. Printing it never shows the password.

    `database` is the path of the file for SQLite; `socket` the path of a Unix socket. `options` are
    the URL's query parameters, the last of each name; those that stackfsck does not know have no
    effect (services pass many on to their own drivers).
    """

    product: Product
    database: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    socket: str = ""
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        """Return the place in words that may be printed: `nova on db1:3306 as stackfsck`."""
        if self.product is Product.SQLITE:
            return self.database
        host = f"[{self.host}]" if ":" in self.host else self.host
        place = self.socket or f"{host}:{self.port}"
        return f"{self.database} on {place}" + (f" as {self.user}" if self.user else "")

    @property
    def identity(self) -> tuple[str, str, int, str]:
        """Return what two URLs of the same database have in common."""
        return (self.product.value, self.socket or self.host.lower(), self.port, self.database)


def parse(url: str, *, where: str = "") -> Dsn:
    """Take a connection URL apart.

    `where` tells people where the URL stands ("[database] connection in /etc/nova/nova.conf").
    Raises Misused, never repeating the URL: it holds a password.
    """
    match = _URL.fullmatch(url.strip())
    place = f" ({where})" if where else ""
    if not match:
        raise Misused(
            f"this is no connection URL{place}",
            next_step="write it as mysql+pymysql://user:password@host:3306/nova",
        )
    product = _PRODUCTS.get(match["scheme"].lower())
    if product is None:
        raise Misused(
            f"databases of the kind {match['scheme']!r} cannot be read{place}",
            next_step=f"one of {', '.join(sorted(_PRODUCTS))} is needed",
        )
    options = dict(parse_qsl(match["query"] or "", keep_blank_values=True))
    return _sqlite(match, place) if product is Product.SQLITE else _server(product, match, options)


def _sqlite(match: re.Match[str], place: str) -> Dsn:
    path = match["database"] or ""
    if not path or path == ":memory:":
        raise Misused(f"a database in memory cannot be read from outside{place}")
    return Dsn(product=Product.SQLITE, database=path)


def _server(product: Product, match: re.Match[str], options: dict[str, str]) -> Dsn:
    socket = options.get("unix_socket", "")
    host = match["ipv6"] or unquote(match["host"] or "") or options.get("host", "")
    if product is Product.POSTGRESQL and host.startswith("/"):
        socket, host = host, ""
    return Dsn(
        product=product,
        database=unquote(match["database"] or ""),
        host=host or ("" if socket else "localhost"),
        port=int(match["port"] or options.get("port") or _PORTS[product]),
        user=unquote(match["user"] or ""),
        password=unquote(match["password"] or ""),
        socket=socket,
        options=options,
    )
