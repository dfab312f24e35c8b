"""The hand that asks services, against a small cloud that speaks HTTP: keystone and placement."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from stackfsck.apply.hand import Image, State, WayClosed
from stackfsck.apply.service import ServiceHand
from stackfsck.clients.openstack import credentials
from stackfsck.clients.openstack.api import Api
from stackfsck.clients.services import Services
from stackfsck.model.errors import Misused, Moved, StepFailed, Unreadable
from stackfsck.model.step import Means, Stage, Step, Way

CONSUMER = "4f0c2a1e-0000-4000-8000-000000000001"
PROVIDER = "4f0c2a1e-0000-4000-8000-000000000002"
STEP = Step(id="s", title="s", remedy="r", stage=Stage.ALLOCATION, store="placement")
RELEASE = Way(
    means=Means.API,
    call="placement.replace_allocations",
    arguments={"consumer": CONSUMER, "allocations": {}, "generation": 3},
)
HELD = {PROVIDER: {"resources": {"VCPU": 2}}}


class SmallCloud(ThreadingHTTPServer):
    """Keystone's tokens and the allocations of one consumer."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.allocations: dict[str, Any] = dict(HELD)
        self.generation: int | None = 3
        self.refuses_with = 0
        self.drops_answer = False
        self.asked: list[tuple[str, str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def put(self, body: dict[str, Any]) -> int:
        if self.refuses_with:
            return self.refuses_with
        if body["consumer_generation"] != self.generation:
            return 409
        self.allocations = body["allocations"]
        self.generation = (self.generation or 0) + 1 if self.allocations else None
        return 204


class _Handler(BaseHTTPRequestHandler):
    server: SmallCloud

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        self._body()
        endpoint = {"interface": "public", "region_id": "R", "url": f"{self.server.url}/placement"}
        service = {"type": "placement", "name": "placement", "endpoints": [endpoint]}
        token = {
            "expires_at": "2126-01-01T00:00:00.000000Z",
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "methods": ["password"],
            "user": {"id": "u", "name": "u", "domain": {"id": "d", "name": "d"}},
            "project": {"id": "p", "name": "p", "domain": {"id": "d", "name": "d"}},
            "catalog": [service],
        }
        self._answer(201, {"token": token}, {"X-Subject-Token": "secret-token"})

    def do_GET(self) -> None:
        self._note()
        if self.path.startswith("/v3"):
            link = {"rel": "self", "href": f"{self.server.url}/v3/"}
            version = {"id": "v3.14", "status": "stable", "links": [link]}
            self._answer(200, {"version": version})
            return
        held: dict[str, Any] = {"allocations": self.server.allocations}
        if self.server.allocations:
            held |= {
                "consumer_generation": self.server.generation,
                "project_id": "p",
                "user_id": "u",
            }
        self._answer(200, held)

    def do_PUT(self) -> None:
        self._note()
        status = self.server.put(self._body())
        if self.server.drops_answer:
            self.close_connection = True
            self.connection.shutdown(2)
            return
        said = {"errors": [{"status": status, "detail": "somebody else was faster"}]}
        self._answer(status, said if status >= 400 else None)

    def _note(self) -> None:
        version = self.headers.get("OpenStack-API-Version", "")
        self.server.asked.append((self.command, self.path, version))

    def _body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return body

    def _answer(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        raw = json.dumps(body).encode() if body is not None else b""
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


@pytest.fixture
def small_cloud() -> Iterator[SmallCloud]:
    """Run it for one test."""
    with SmallCloud() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def hand_for(cloud: SmallCloud) -> ServiceHand:
    found = credentials.find(
        Services(()),
        {
            "OS_AUTH_URL": f"{cloud.url}/v3",
            "OS_USERNAME": "u",
            "OS_PASSWORD": "secret",
            "OS_PROJECT_NAME": "p",
            "OS_USER_DOMAIN_ID": "d",
            "OS_PROJECT_DOMAIN_ID": "d",
        },
    )
    assert found is not None
    return ServiceHand(Api(found), sleep=lambda _: None)


def test_an_allocation_is_released_and_put_back_exactly(small_cloud: SmallCloud) -> None:
    hand = hand_for(small_cloud)
    notes: list[Image] = []
    assert hand.change(STEP, RELEASE, notes.append)
    assert small_cloud.allocations == {}
    assert hand.state(STEP, RELEASE, notes[0]) is State.AFTER
    hand.put_back(STEP, RELEASE, notes[0])
    assert small_cloud.allocations == HELD
    assert hand.state(STEP, RELEASE, notes[0]) is State.BEFORE


def test_placement_is_asked_for_generations(small_cloud: SmallCloud) -> None:
    hand_for(small_cloud).change(STEP, RELEASE, lambda _: None)
    puts = [version for method, _, version in small_cloud.asked if method == "PUT"]
    assert puts == ["placement 1.28"]


def test_a_consumer_that_was_changed_since_is_left_alone(small_cloud: SmallCloud) -> None:
    small_cloud.generation = 4
    with pytest.raises(Moved, match="generation was 3, now it is 4"):
        hand_for(small_cloud).change(STEP, RELEASE, lambda _: pytest.fail("nothing to note"))
    assert small_cloud.allocations == HELD


@pytest.mark.parametrize("status", [403, 409, 503])
def test_what_a_service_declines_closes_the_way_in_its_words(
    small_cloud: SmallCloud, status: int
) -> None:
    small_cloud.refuses_with = status
    with pytest.raises(WayClosed, match=f"{status} to PUT: somebody else was faster"):
        hand_for(small_cloud).change(STEP, RELEASE, lambda _: None)
    assert small_cloud.allocations == HELD


def test_what_a_service_does_not_show_is_not_taken_for_gone(small_cloud: SmallCloud) -> None:
    small_cloud.allocations = {}
    with pytest.raises(WayClosed, match="nothing to change"):
        hand_for(small_cloud).change(STEP, RELEASE, lambda _: None)


def test_a_lost_answer_is_looked_for(small_cloud: SmallCloud) -> None:
    small_cloud.drops_answer = True
    assert hand_for(small_cloud).change(STEP, RELEASE, lambda _: None)
    assert small_cloud.allocations == {}


def test_an_answer_that_is_lost_with_the_change_is_told(small_cloud: SmallCloud) -> None:
    small_cloud.drops_answer, small_cloud.refuses_with = True, 500
    with pytest.raises(Unreadable, match="does not answer"):
        hand_for(small_cloud).change(STEP, RELEASE, lambda _: None)


def test_a_service_that_is_down_closes_the_way(small_cloud: SmallCloud) -> None:
    hand = hand_for(small_cloud)
    small_cloud.server_close()
    with pytest.raises(WayClosed):
        hand.change(STEP, RELEASE, lambda _: pytest.fail("nothing to note"))


def test_without_credentials_no_way_is_open() -> None:
    assert credentials.find(Services(()), {}) is None
    hand = ServiceHand(None)
    with pytest.raises(WayClosed, match="no credentials"):
        hand.change(STEP, RELEASE, lambda _: None)
    with pytest.raises(Unreadable, match="no credentials"):
        hand.put_back(STEP, RELEASE, {})


def test_what_has_no_way_back_says_so(small_cloud: SmallCloud) -> None:
    way = Way(means=Means.API, call="glance.delete_image", arguments={"image": CONSUMER})
    with pytest.raises(StepFailed, match="no way back"):
        hand_for(small_cloud).put_back(STEP, way, {})


def test_a_cloud_that_no_file_has_is_told() -> None:
    with pytest.raises(Misused, match="has a cloud elsewhere"):
        credentials.find(
            Services(()), {"OS_CLOUD": "elsewhere", "OS_CLIENT_CONFIG_FILE": "/nonexistent.yaml"}
        )
