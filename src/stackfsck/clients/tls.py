"""How a connection to MySQL is encrypted, from the parameters of its URL.

The parameters are those of PyMySQL and mysqlclient, as services already carry them: `ssl_ca`,
`ssl_capath`, `ssl_cert`, `ssl_key`, `ssl_cipher`, `ssl_verify_cert`, `ssl_verify_identity`,
`ssl_check_hostname`, `ssl_mode`, `ssl`. PostgreSQL's (`sslmode`, `sslrootcert`, ...) are libpq's
own business.
"""

import ssl
from collections.abc import Mapping

from stackfsck.model.errors import Misused

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}
_MODES = {"DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"}


def mysql_context(options: Mapping[str, str]) -> ssl.SSLContext | None:
    """Return the TLS context that the URL asks for, None when it asks for nothing in particular.

    A certificate authority in the URL means that the server's certificate and name are checked
    unless the URL says otherwise; without one only `ssl_verify_cert` or a verifying `ssl_mode`
    checks, against the authorities of this machine. Raises Misused for files that cannot be used.
    """
    mode = options.get("ssl_mode", "").upper()
    if mode and mode not in _MODES:
        raise Misused(f"ssl_mode={mode} is none of {', '.join(sorted(_MODES))}")
    if forbidden(options) or not _wanted(options, mode):
        return None
    authority = bool(options.get("ssl_ca") or options.get("ssl_capath"))
    verify = _flag(options, "ssl_verify_cert", authority or mode.startswith("VERIFY"))
    by_name = mode == "VERIFY_IDENTITY" or (verify and mode != "VERIFY_CA")
    by_name = _flag(options, "ssl_verify_identity", _flag(options, "ssl_check_hostname", by_name))
    try:
        return _context(options, verify=verify or by_name, by_name=by_name)
    except (OSError, ssl.SSLError) as error:
        raise Misused(
            f"the TLS files of a connection URL cannot be used: {error}",
            next_step="look at ssl_ca, ssl_cert and ssl_key: do the files exist, may you read them",
        ) from error


def forbidden(options: Mapping[str, str]) -> bool:
    """Whether the URL forbids TLS; without this PyMySQL encrypts where the server can."""
    return (
        options.get("ssl_mode", "").upper() == "DISABLED"
        or _flag(options, "ssl_disabled", default=False)
        or not _flag(options, "ssl", default=True)
    )


def _wanted(options: Mapping[str, str], mode: str) -> bool:
    """Whether any parameter asks for TLS."""
    if "ssl" in options:
        return True
    files = ("ssl_ca", "ssl_capath", "ssl_cert", "ssl_key", "ssl_cipher")
    flags = ("ssl_verify_cert", "ssl_verify_identity", "ssl_check_hostname")
    return (
        bool(mode and mode != "PREFERRED")
        or any(options.get(name) for name in files)
        or any(_flag(options, name, default=False) for name in flags)
    )


def _context(options: Mapping[str, str], *, verify: bool, by_name: bool) -> ssl.SSLContext:
    context = ssl.create_default_context(
        cafile=options.get("ssl_ca") or None, capath=options.get("ssl_capath") or None
    )
    # Authorities made by hand, as most clouds have them, lack extensions that Python 3.13 wants.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.check_hostname = by_name
    context.verify_mode = ssl.CERT_REQUIRED if verify else ssl.CERT_NONE
    if certificate := options.get("ssl_cert"):
        context.load_cert_chain(certificate, options.get("ssl_key") or None)
    if ciphers := options.get("ssl_cipher"):
        context.set_ciphers(ciphers)
    return context


def _flag(options: Mapping[str, str], name: str, default: bool) -> bool:  # noqa: FBT001 - a lookup's default
    value = options.get(name)
    if value is None:
        return default
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    # ssl=<anything else> is a common way to say yes; the other names are plain flags.
    if name == "ssl":
        return True
    raise Misused(f"{name}={value} in a connection URL is neither true nor false")
