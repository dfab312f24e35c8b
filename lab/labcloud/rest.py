"""A small client of the services' APIs: one token, JSON in, JSON out."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from lab.labcloud.places import ADDRESS, PASSWORD

BASES = {
    "identity": f"http://{ADDRESS}:5000/v3",
    "compute": f"http://{ADDRESS}:8774/v2.1",
    "compute-soft": f"http://{ADDRESS}:8775/v2.1",
    "placement": f"http://{ADDRESS}:8778",
    "image": f"http://{ADDRESS}:9292/v2",
    "network": f"http://{ADDRESS}:9696/v2.0",
    "volume": f"http://{ADDRESS}:8776/v3",
}
VERSIONS = {
    "OpenStack-API-Version": "placement 1.39, volume 3.59",
    "X-OpenStack-Nova-API-Version": "2.96",
}


class Refused(Exception):
    """An API answered with an error.

    Attributes:
        status: the HTTP status.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class Rest:
    """The APIs of the lab as its administrator."""

    def __init__(self) -> None:
        self._token = ""

    def get(self, service: str, path: str) -> Any:
        """Read."""
        return self.call("GET", service, path)

    def post(self, service: str, path: str, body: Any) -> Any:
        """Make, or act."""
        return self.call("POST", service, path, body)

    def put(self, service: str, path: str, body: Any) -> Any:
        """Replace."""
        return self.call("PUT", service, path, body)

    def delete(self, service: str, path: str, *, missing_ok: bool = False) -> None:
        """Remove."""
        try:
            self.call("DELETE", service, path)
        except Refused as refused:
            if not (missing_ok and refused.status == 404):
                raise

    def call(self, method: str, service: str, path: str, body: Any = None) -> Any:
        """One request; the token is made anew when it was refused."""
        try:
            return self._send(method, BASES[service] + path, body, self._headers())
        except Refused as refused:
            if refused.status != 401:
                raise
            self._token = ""
            return self._send(method, BASES[service] + path, body, self._headers())

    def upload(self, image: str, data: bytes) -> None:
        """Give an image its bytes."""
        headers = {**self._headers(), "Content-Type": "application/octet-stream"}
        url = f"{BASES['image']}/images/{image}/file"
        request = urllib.request.Request(url, data=data, headers=headers, method="PUT")  # noqa: S310
        urllib.request.urlopen(request, timeout=120).close()  # noqa: S310 – our own http

    def _headers(self) -> dict[str, str]:
        self._token = self._token or self._login()
        return {**VERSIONS, "X-Auth-Token": self._token}

    def _login(self) -> str:
        domain = {"name": "Default"}
        user = {"name": "admin", "password": PASSWORD, "domain": domain}
        body = {
            "auth": {
                "identity": {"methods": ["password"], "password": {"user": user}},
                "scope": {"project": {"name": "admin", "domain": domain}},
            }
        }
        request = self._request("POST", BASES["identity"] + "/auth/tokens", body, {})
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 – our own http
            return str(answer.headers["X-Subject-Token"])

    def _send(self, method: str, url: str, body: Any, headers: dict[str, str]) -> Any:
        request = self._request(method, url, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 – our own http
                text = answer.read()
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")[:1000]
            raise Refused(error.code, f"{method} {url}: {said}") from error
        return json.loads(text) if text else None

    def _request(
        self, method: str, url: str, body: Any, headers: dict[str, str]
    ) -> urllib.request.Request:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json", **headers}
        return urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310
