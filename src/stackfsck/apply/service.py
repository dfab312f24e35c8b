"""The hand that asks the services: what they do themselves, they do best.

A way's `call` is a name of stackfsck.clients.openstack.calls.CALLS. What a service declines closes
that way and the next one may be tried; an answer that was lost is looked for, never assumed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from stackfsck.apply.hand import Image, Note, State, WayClosed
from stackfsck.clients.openstack.api import Declined
from stackfsck.clients.openstack.call import Call
from stackfsck.clients.openstack.calls import CALLS
from stackfsck.model.errors import Moved, StepFailed, Unreadable

if TYPE_CHECKING:
    from stackfsck.clients.openstack.api import Api
    from stackfsck.model.step import Step, Way

PATIENCE_SECONDS = 120.0
"""How long a service may take for what it does after its answer."""

PAUSE_SECONDS = 1.0


class ServiceHand:
    """Carries out calls to the services' APIs."""

    def __init__(self, api: Api | None, sleep: Callable[[float], None] = time.sleep) -> None:
        """Ask through this client; without one, every way of this kind is closed."""
        self._api = api
        self._sleep = sleep

    def change(self, step: Step, way: Way, note: Note) -> bool:
        """See `Hand.change`."""
        try:
            call, api = self._ready(way)
        except Unreadable as error:
            raise WayClosed(str(error)) from error
        image = self._look(call, api, way)
        if image is None or (call.is_seen and call.is_done(way.arguments, image)):
            # Policy may hide things from this account: rows tell whether it is really so.
            raise WayClosed(f"{way.call}: the service shows nothing to change")
        before = dict(image)
        _compare_generation(way, before)
        note(before)
        try:
            call.act(api, way.arguments, before)
        except Declined as error:
            raise WayClosed(str(error)) from error
        except Unreadable:
            if self.state(step, way, before) is not State.AFTER:
                raise
        self._wait(call, api, way)
        return True

    def state(self, step: Step, way: Way, before: Image) -> State:  # noqa: ARG002 -- of a Hand
        """See `Hand.state`; of what cannot be told apart, BEFORE: doing it twice is harmless."""
        call, api = self._ready(way)
        try:
            now = call.look(api, way.arguments)
        except Declined as error:
            raise Unreadable(str(error)) from error
        if call.is_seen and call.is_done(way.arguments, now):
            return State.AFTER
        return State.BEFORE if not call.is_seen or _same(call, now, before) else State.OTHER

    def put_back(self, step: Step, way: Way, before: Image) -> None:
        """See `Hand.put_back`."""
        call, api = self._ready(way)
        if call.back is None:
            raise StepFailed(f"{way.call} has no way back by the API")
        if call.is_seen and self.state(step, way, before) is not State.AFTER:
            raise Moved(f"what {way.call} has changed was changed since")
        try:
            call.back(api, way.arguments, before)
        except Declined as error:
            raise StepFailed(str(error)) from error

    def _ready(self, way: Way) -> tuple[Call, Api]:
        """Return what a way calls; raises Unreadable without credentials or for no known call."""
        if self._api is None:
            raise Unreadable("no credentials for the APIs (OS_CLOUD or OS_AUTH_URL)")
        if way.call not in CALLS:
            raise Unreadable(f"there is no call {way.call}")
        return CALLS[way.call], self._api

    def _look(self, call: Call, api: Api, way: Way) -> Image | None:
        """Look at what is there; what cannot be looked at is not changed."""
        try:
            return call.look(api, way.arguments)
        except (Declined, Unreadable) as error:
            raise WayClosed(str(error)) from error

    def _wait(self, call: Call, api: Api, way: Way) -> None:
        """Wait until a service has done what it said it would; raises StepFailed if it has not."""
        if not call.is_seen:
            return
        patience = PATIENCE_SECONDS if call.is_slow else PAUSE_SECONDS
        while not call.is_done(way.arguments, now := self._see(call, api, way)):
            if patience <= 0 or (now and call.has_failed(now)):
                raise StepFailed(f"{way.call} was accepted, and it is not done: {_brief(now)}")
            self._sleep(PAUSE_SECONDS)
            patience -= PAUSE_SECONDS

    def _see(self, call: Call, api: Api, way: Way) -> Image | None:
        """Look after a change."""
        try:
            return call.look(api, way.arguments)
        except Declined as error:
            raise Unreadable(str(error)) from error


def _compare_generation(way: Way, image: Image) -> None:
    """Raise Moved when a consumer was changed since; placement would refuse it anyway (409)."""
    if "generation" not in way.arguments:
        return
    was, now = way.arguments["generation"], image.get("consumer_generation")
    if was != now:
        raise Moved(f"the consumer's generation was {was}, now it is {now}")


def _same(call: Call, now: Image | None, before: Image) -> bool:
    """Whether nothing has changed, as far as the service shows it."""
    return now is not None and bool(call.core(now) == call.core(before))


def _brief(image: Image | None) -> str:
    """Return a thing's status."""
    return str((image or {}).get("status", "it is still there"))
