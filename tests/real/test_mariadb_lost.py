"""MariaDB that goes away, kills the query, is too slow, or wants to be sure who it talks to."""

import datetime as dt
import ipaddress
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.real.servers import MariaServer, folder_for_server, start_mariadb

from stackfsck.clients.databases import connect
from stackfsck.clients.dsn import parse
from stackfsck.model.errors import Misused, Unreadable

COLUMNS = pa.schema({"id": pa.int64(), "filler": pa.string()})
MANY = (
    "create table t (id int, filler varchar(200));"
    "insert into t select seq, repeat('x', 200) from seq_1_to_400000"
)


def test_a_server_stopped_in_the_midst_makes_the_reading_partial() -> None:
    with folder_for_server() as folder:
        server = start_mariadb(folder)
        name = server.database(MANY)
        database = connect(parse(server.url(name)))
        rows = database.read("t", COLUMNS)
        assert next(rows).num_rows > 0
        server.stop(hard=True)
        with pytest.raises(Unreadable, match=r"closed the connection|lost"):
            list(rows)
        with pytest.raises(Unreadable):
            list(database.read("t", COLUMNS))
        database.close()
        with pytest.raises(Unreadable, match="refused"):
            connect(parse(server.url(name)))


def test_a_killed_query_and_a_killed_connection_say_so(mariadb: MariaServer) -> None:
    name = mariadb.database(MANY)
    for word, said in (("query", "interrupted"), ("connection", "killed|closed|lost")):
        database = connect(parse(mariadb.url(name)))
        rows = database.read("t", COLUMNS)
        next(rows)
        ((number,),) = mariadb.run(
            f"select id from information_schema.processlist where db = '{name}' and id <> "
            "connection_id()"
        )
        mariadb.run(f"kill {word} {number}")
        with pytest.raises(Unreadable, match=said):
            list(rows)
        database.close()


def test_a_silent_server_is_given_up() -> None:
    with folder_for_server() as folder:
        server = start_mariadb(folder)
        name = server.database(MANY)
        database = connect(parse(server.url(name)), timeout=1)
        rows = database.read("t", COLUMNS)
        next(rows)
        server.process.send_signal(19)
        with pytest.raises(Unreadable, match=r"timed out|lost"):
            list(rows)
        server.process.send_signal(18)
        database.close()
        server.stop()


@pytest.fixture(scope="module")
def certified() -> Iterator[tuple[MariaServer, Path]]:
    """A server with a certificate for 127.0.0.1 of an authority made for it."""
    with folder_for_server() as folder:
        make_certificates(folder)
        server = start_mariadb(
            folder,
            f"--ssl-ca={folder / 'ca.pem'}",
            f"--ssl-cert={folder / 'server.pem'}",
            f"--ssl-key={folder / 'server.key'}",
        )
        server.run("create user secure@'%' identified by 'pw' require ssl")
        server.run("grant select on *.* to secure@'%'")
        server.run("create user proven@'%' identified by 'pw' require x509")
        server.run("grant select on *.* to proven@'%'")
        yield server, folder
        server.stop()


def make_certificates(folder: Path) -> None:
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
    for name in ("ca", "server", "client"):
        key = authority_key if name == "ca" else ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"test {name}")])
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(authority if name == "ca" else subject)
            .issuer_name(authority)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=name == "ca", path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
                critical=False,
            )
            .sign(authority_key, hashes.SHA256())
        )
        (folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        (folder / f"{name}.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )


def test_tls_as_the_url_asks_for_it(certified: tuple[MariaServer, Path]) -> None:
    server, folder = certified
    name = server.database(MANY.replace("400000", "70000"))
    ca = f"ssl_ca={folder / 'ca.pem'}"
    own = f"ssl_cert={folder / 'client.pem'}&ssl_key={folder / 'client.key'}"
    for user, query in (("secure", ca), ("secure", "ssl=true"), ("proven", f"{ca}&{own}")):
        database = connect(parse(server.url(name, user, "pw", query)))
        if user == "secure":
            assert sum(batch.num_rows for batch in database.read("t", COLUMNS)) == 70000
        database.close()


def test_tls_that_cannot_be_trusted(certified: tuple[MariaServer, Path]) -> None:
    server, folder = certified
    ca = f"ssl_ca={folder / 'ca.pem'}"
    with pytest.raises(Unreadable, match="Access denied"):
        connect(parse(server.url("mysql", "secure", "pw", "ssl_mode=DISABLED")))
    with pytest.raises(Unreadable, match="certificate verify failed"):
        connect(parse(server.url("mysql", "secure", "pw", "ssl_verify_cert=true")))
    by_name = server.url("mysql", "secure", "pw", ca).replace("127.0.0.1", "localhost")
    with pytest.raises(Unreadable, match=r"not valid for 'localhost'|mismatch"):
        connect(parse(by_name))
    connect(parse(f"{by_name}&ssl_check_hostname=false")).close()
    with pytest.raises(Misused, match="TLS files"):
        connect(parse(server.url("mysql", "secure", "pw", "ssl_ca=/nowhere")))
    with pytest.raises(Misused, match="ssl_mode"):
        connect(parse(server.url("mysql", "secure", "pw", "ssl_mode=maybe")))


def test_tls_asked_of_a_server_that_has_none(mariadb: MariaServer) -> None:
    with pytest.raises(Unreadable, match="SSL"):
        connect(parse(mariadb.url("mysql", query="ssl_mode=REQUIRED")))
