"""The hand on hosts: one guarded act at a time, done by the probe that is sent there.

A way's `call` is kind and verb of an act (``domain.undefine``), its `arguments` are `subject`
(what it is about), `expected` (parts of the image that the judgement rested on) and `machine`
(the id of the machine that was judged; another one refuses). Source: stackfsck.probe.act.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stackfsck.apply.hand import Image, Note, State, WayClosed
from stackfsck.model.errors import Moved, StepFailed, Unreadable

if TYPE_CHECKING:
    from stackfsck.clients.hosts.base import Host
    from stackfsck.model.step import Step, Way

Answer = Mapping[str, Any]

FACTS = "host.facts"


class HostHand:
    """Carries out acts on hosts.

    `hosts` are those of the settings, under the operator's names; `run` names the run, below
    which things are put aside; `asker` is the host that may ask Ceph.
    """

    def __init__(self, hosts: Sequence[Host], run: str, asker: str = "") -> None:
        """Act on these hosts."""
        self._hosts = {host.name: host for host in hosts}
        self._run = run
        self._asker = asker
        self._by_machine: dict[str, list[Host]] = {}

    def change(self, step: Step, way: Way, note: Note) -> bool:
        """See `Hand.change`."""
        found = self._ask(step, way, "look")
        image = found.get("image")
        if image is None or found.get("is_after"):
            return False
        _compare(image, way.arguments.get("expected") or {})
        note(image)
        try:
            self._ask(step, way, "do", image)
        except Unreadable:
            # The connection broke while it acted: only a look can tell what was done.
            return self._is_done(step, way, image)
        return True

    def _is_done(self, step: Step, way: Way, image: Image) -> bool:
        """Say that an act was done; raises Unreadable or StepFailed when it was not."""
        state = self.state(step, way, image)
        if state is not State.AFTER:
            raise StepFailed(f"the connection to {step.scope} broke before it was done")
        return True

    def state(self, step: Step, way: Way, before: Image) -> State:
        """See `Hand.state`."""
        return State(str(self._ask(step, way, "state", before)["state"]))

    def put_back(self, step: Step, way: Way, before: Image) -> None:
        """See `Hand.put_back`."""
        self._ask(step, way, "undo", before)

    def purge(self, step: Step, way: Way) -> bool:
        """Delete for good what a step has put aside; False when it is not there any more."""
        image = self._ask(step, way, "look", verb="purge").get("image")
        if image is None:
            return False
        self._ask(step, way, "do", image, verb="purge")
        return True

    def _ask(
        self, step: Step, way: Way, want: str, seen: Image | None = None, verb: str = ""
    ) -> Answer:
        """Let the host act, and turn what it refuses or fails into errors."""
        kind, _, own = way.call.partition(".")
        request = {
            "kind": kind,
            "verb": verb or own,
            "want": want,
            "subject": way.arguments["subject"],
            "machine": way.arguments.get("machine") or "",
            "run": self._run,
            "seen": None if seen is None else dict(seen),
        }
        host = self._host_of(step, way)
        answer = asyncio.run(host.act(request))
        if "refused" in answer and (verb or want in {"state", "undo"}):
            raise StepFailed(f"{step.scope}: {answer['refused']}")
        return _checked(answer, step)

    def _host_of(self, step: Step, way: Way) -> Host:
        """Return the host of a step: by its name, else by the machine that it is.

        Raises Unreadable when none, or more than one, fits.
        """
        name = step.scope or self._asker
        if name in self._hosts:
            return self._hosts[name]
        if not self._by_machine:
            self._by_machine = asyncio.run(_machines(self._hosts.values()))
        fitting = self._by_machine.get(str(way.arguments.get("machine") or "?"), [])
        if len(fitting) != 1:
            raise Unreadable(
                f"none of the hosts is {name or 'the one that asks Ceph'}",
                next_step="Name it under [[hosts]] in stackfsck.toml.",
            )
        return fitting[0]


async def _machines(hosts: Any) -> dict[str, list[Host]]:  # noqa: ANN401 -- a view of values
    """Ask every host which machine it is; those that are silent are left out."""
    answers = await asyncio.gather(*(_machine(host) for host in hosts))
    found: dict[str, list[Host]] = {"": []}
    for host, machine in answers:
        found.setdefault(machine, []).append(host)
    return found


async def _machine(host: Host) -> tuple[Host, str]:
    """Return a host with the id of its machine, "" when it does not say."""
    try:
        async for line in host.look({"tables": [FACTS]}):
            said = json.loads(line)
            if said.get("t") == FACTS and "r" in said:
                return host, str(said["r"].get("machine_id") or "")
    except (Unreadable, ValueError, AttributeError):
        return host, ""
    return host, ""


def _compare(image: Image, expected: Mapping[str, Any]) -> None:
    """Raise Moved when a thing is not as it was judged."""
    for name, value in expected.items():
        if image.get(name) != value:
            raise Moved(f"{name} was {value!r}, now it is {image.get(name)!r}")


def _checked(answer: Answer, step: Step) -> Answer:
    """Return an answer; raises Moved, WayClosed or StepFailed when nothing came of it."""
    place = step.scope or "the host that asks Ceph"
    if "refused" in answer:
        raise WayClosed(f"{place}: {answer['refused']}")
    if "failed" in answer:
        raise StepFailed(f"{place}: {answer['failed']}")
    if "moved" in answer:
        raise Moved(f"on {place} it is not as it was seen")
    return answer
