"""Unplug what a host still has of a port: the switch's port, taps, pairs and bridges.

Never with `neutron-ovs-cleanup`, which takes the ports of every VM. Names of devices: prefix and
the first 11 characters of the port's id. Source: os-vif, vif_plug_ovs/ovs.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

from stackfsck.model.finding import Finding
from stackfsck.model.step import Stage, Step, Undo
from stackfsck.remedies.base import Choices, Facts, Proposal, Remedy, delete
from stackfsck.remedies.on_host import Act, refusal, standing, step_of

PORT = "delete-switch-port"
DEVICES = "delete-devices"

PAIR = ("qvo", "qvb")
"""The two ends of the pair between the bridge of a port and the switch."""


def delete_switch_port(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Take one port off the switch."""
    for row in facts.rows("vswitch.interfaces", host=finding.host, name=finding.subject):
        yield port_step(facts, finding, PORT, row)


def port_step(facts: Facts, finding: Finding, remedy: str, row: dict[str, Any]) -> Step:
    """Return the step for one interface of the switch; an internal one takes its device along."""
    host, name, port = row["host"], row["name"], row["port"]
    internal = (delete("host.links", host, name=name),) if row["type"] == "internal" else ()
    act = Act(
        call="switch_port.delete",
        host=host,
        key=port,
        title=f"Take port {port} off {row['bridge']} on {host}",
        stage=Stage.SWITCH,
        store="vswitch",
        subject={"port": port},
        effects=(
            delete("vswitch.interfaces", host, port=port),
            delete("vswitch.ports", host, name=port),
            *internal,
        ),
        undo=Undo.EQUIVALENT if internal else Undo.EXACT,
    )
    return step_of(facts, finding, remedy, act, standing(facts, finding.vm))


def delete_devices(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Remove all devices of one port, unless something of others is plugged in."""
    bridge = f"qbr{finding.subject}"
    plugged = facts.rows("host.links", host=finding.host, master=bridge)
    strange = [row["name"] for row in plugged if row["port_prefix"] != finding.subject]
    if strange:
        yield refusal(finding, f"{', '.join(strange)} is plugged into {bridge}")
        return
    yield from device_steps(facts, finding, DEVICES, finding.host, finding.subject)


def device_steps(
    facts: Facts, finding: Finding, remedy: str, host: str, short: str
) -> Iterator[Step]:
    """Yield the steps for the devices of a port: off the switch, tap, pair, and the bridge last."""
    rows = facts.rows("host.links", host=host, port_prefix=short)
    links = {row["prefix"]: row for row in rows if row["kind"] != "openvswitch"}
    before: set[str] = set()
    for row in rows:
        for interface in facts.rows("vswitch.interfaces", host=host, name=row["name"]):
            step = port_step(facts, finding, remedy, interface)
            before.add(step.id)
            yield step
    for act in _acts(host, short, set(links)):
        placed = replace(act, after=frozenset(before))
        before.add(placed.id)
        yield step_of(facts, finding, remedy, placed, standing(facts, finding.vm))


def _acts(host: str, short: str, prefixes: set[str]) -> Iterator[Act]:
    """Yield the acts for the devices that are there."""
    ends = [f"{prefix}{short}" for prefix in PAIR if prefix in prefixes]
    if "tap" in prefixes:
        yield _act(host, f"tap{short}")
    if ends:
        yield _act(host, *ends)
    if "qbr" in prefixes:
        yield _act(host, f"qbr{short}")


def _act(host: str, name: str, peer: str = "") -> Act:
    """Return the act for one device, or for both ends of a pair."""
    ends = [name, peer] if peer else [name]
    return Act(
        call="link.delete",
        host=host,
        key=name,
        title=f"Remove {' and '.join(ends)} on {host}",
        stage=Stage.SWITCH,
        subject={"name": name, **({"peer": peer} if peer else {})},
        effects=tuple(delete("host.links", host, name=end) for end in ends),
    )


def plugged_steps(
    facts: Facts, finding: Finding, remedy: str, host: str, vm: UUID
) -> Iterator[Step]:
    """Yield the steps for everything through which a VM is plugged in on a host."""
    interfaces = facts.rows("vswitch.interfaces", host=host, vm_uuid=vm)
    for row in interfaces:
        yield port_step(facts, finding, remedy, row)
    targets = [str(row["name"]) for row in interfaces]
    targets += [str(r["target"]) for r in facts.rows("libvirt.interfaces", host=host, domain=vm)]
    for short in sorted({target[-11:] for target in targets}):
        yield from device_steps(facts, finding, remedy, host, short)


REMEDIES = (
    Remedy(
        name=PORT,
        what="Takes one port off Open vSwitch, unless a domain of the host uses it.",
        propose=delete_switch_port,
    ),
    Remedy(
        name=DEVICES,
        what="Removes the tap, the pair and the bridge of one port, which nothing holds.",
        propose=delete_devices,
    ),
)
