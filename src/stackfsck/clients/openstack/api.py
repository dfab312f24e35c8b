"""One small client for all services: a request, its answer, and what its errors mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keystoneauth1 import exceptions
from keystoneauth1.session import Session

from stackfsck.model.errors import StackfsckError, Unreadable

if TYPE_CHECKING:
    from stackfsck.clients.openstack.credentials import Credentials

TIMEOUT_SECONDS = 60.0

TYPES = {
    "nova": "compute",
    "placement": "placement",
    "cinder": "block-storage",
    "neutron": "network",
    "glance": "image",
}
"""By store, the type under which keystone's catalogue has the service."""

PREFIX = {"neutron": "/v2.0", "glance": "/v2"}
"""What stands before the paths of services whose endpoint names no version."""

MICROVERSIONS = {"placement": "1.28", "cinder": "3.27", "nova": "2.53"}
"""Old enough for Rocky, new enough for generations and attachments."""


class Declined(StackfsckError):
    """A service will not do it: it forbids it, is in its way, or is down. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered; 404 is an answer, too."""

    status: int
    body: Any

    @property
    def is_there(self) -> bool:
        """Whether the thing that was asked for exists."""
        return self.status != 404  # noqa: PLR2004 -- HTTP's


class Api:
    """The APIs of one cloud."""

    def __init__(self, credentials: Credentials) -> None:
        """Ask with these credentials; nothing is asked before the first request."""
        self._credentials = credentials
        self._session = Session(
            auth=credentials.auth,
            verify=credentials.verify,
            timeout=TIMEOUT_SECONDS,
            app_name="stackfsck",
        )

    def get(self, store: str, path: str) -> Answer:
        """Look at a thing. Raises Declined, and Unreadable when nothing answers."""
        return self.ask(store, "GET", path)

    def ask(
        self, store: str, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> Answer:
        """Send one request. Raises Declined for 4xx (404 aside) and for a service that is down.

        Raises Unreadable when nobody knows what became of it: the answer was lost.
        """
        try:
            response = self._session.request(
                self._prefix(store) + path,
                method,
                json=dict(body) if body is not None else None,
                endpoint_filter=self._endpoint(store),
                microversion=MICROVERSIONS.get(store),
                raise_exc=False,
                redirect=False,
                # A change that was sent twice may be made twice.
                connect_retries=0,
                status_code_retries=0,
            )
        except exceptions.ConnectionError as error:
            words = f"{store} does not answer: {_brief(error)}"
            # Of a change nobody knows whether it left before the connection broke.
            raise (Declined if method == "GET" else Unreadable)(words) from error
        except exceptions.ClientException as error:
            raise Declined(f"{store} cannot be asked: {_brief(error)}") from error
        return _checked(store, method, response.status_code, _body(response))

    def _prefix(self, store: str) -> str:
        """Return what stands before a path; some catalogues name the version in the endpoint."""
        prefix = PREFIX.get(store, "")
        if not prefix:
            return ""
        endpoint = self._session.get_endpoint(**self._endpoint(store)) or ""
        return "" if endpoint.rstrip("/").endswith(prefix) else prefix

    def _endpoint(self, store: str) -> dict[str, Any]:
        """Return how keystone's catalogue is asked for a service."""
        return {
            "service_type": TYPES[store],
            "interface": self._credentials.interface,
            "region_name": self._credentials.region or None,
        }


def _checked(store: str, method: str, status: int, body: Any) -> Answer:  # noqa: ANN401 -- JSON
    """Return an answer; raises Declined in the service's words."""
    if status < 400 or status == 404:  # noqa: PLR2004 -- HTTP's
        return Answer(status, body)
    said = f"{store} answers {status} to {method}: {_words(body)}"
    # 500 and 504 leave open what was done; 503 is said before anything is.
    if status in {500, 502, 504} and method != "GET":
        raise Unreadable(said)
    raise Declined(said)


def _body(response: Any) -> Any:  # noqa: ANN401 -- of requests
    """Return an answer's JSON, None when it has none."""
    try:
        return response.json()
    except ValueError:
        return None


def _words(body: Any) -> str:  # noqa: ANN401 -- JSON
    """Find the sentence in a service's error; each service wraps it in another way."""
    if isinstance(body, dict):
        for value in body.values():
            found = _words(value) if isinstance(value, dict | list) else ""
            if found:
                return found
        for name in ("message", "detail", "title"):
            if isinstance(body.get(name), str):
                return str(body[name])[:300]
    if isinstance(body, list) and body:
        return _words(body[0])
    return ""


def _brief(error: Exception) -> str:
    """Return an error's first line."""
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
