"""Ports of dead VMs, and bindings in the wrong place.

A port's row alone must not go: it hangs on `standardattributes`, and OVN learns of the removal
only through that (its `ovn_revision_numbers` loses its number). Every row that would go with it
is named here, so that all of it can be put back. A floating address is its user's: it is let go,
never deleted. Sources: neutron/db/{db_base_plugin_v2,l3_db,ipam_pluggable_backend}.py,
plugins/ml2/db.py, ovn/maintenance.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from stackfsck.catalogue import references_to
from stackfsck.model.change import Change, Own, Premise
from stackfsck.model.finding import Finding
from stackfsck.model.plan import Refusal
from stackfsck.model.step import Means, Stage, Step, Undo, Way
from stackfsck.remedies.base import (
    SQL,
    Choices,
    Facts,
    Proposal,
    Remedy,
    as_seen,
    delete,
    one_step,
    still_dead,
    update,
)

Row = dict[str, Any]

NEUTRON = ("neutron", "")

HELD_FAST = frozenset({"neutron.routers", "neutron.local_ips", "neutron.floatingips"})
"""Tables whose rows outlive the port that they name, and forbid its removal."""

NOVAS = frozenset(
    {
        "pci_vendor_info",
        "pci_slot",
        "allocation",
        "arq_uuid",
        "physical_network",
        "card_serial_number",
        "vf_num",
        "pf_mac_address",
        "device_mac_address",
        "migrating_to",
    }
)
"""What nova writes into a binding's profile and takes out again when it unbinds a port."""

BINDING = ("status", "vif_type")


def remove_port(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Delete the port that nova made for a VM that is gone; unbind one that its user made.

    Nova leaves the ports that it makes without a name: one with a name is the user's.
    """
    for row in facts.rows("neutron.ports", id=UUID(finding.subject)):
        if why := _in_use(facts, row):
            yield Refusal(what=f"{finding.code} {finding.subject}", why=why)
        else:
            yield port_step(facts, finding, row, _dead(facts, finding))


def port_step(facts: Facts, finding: Finding, row: Row, premises: tuple[Premise, ...]) -> Step:
    """Return the step that deletes a port, or gives it back to the user that made it."""
    seen = as_seen("neutron.ports", "", row, "device_id", "device_owner", "name")
    make = _unbind if row["name"] else _delete
    return make(facts, finding, row, (*premises, seen))


def _in_use(facts: Facts, row: Row) -> str:
    """Say who needs a port: a guest, or a trunk."""
    nics = facts.rows("libvirt.interfaces", interface_id=row["id"])
    trunks = facts.rows("neutron.trunks", port_id=row["id"])
    if nics:
        return f"the domain of {nics[0]['domain']} on {nics[0]['host']} still has it"
    if trunks:
        return f"it carries trunk {trunks[0]['id']}: delete that first"
    carried = facts.rows("neutron.subports", port_id=row["id"])
    return f"trunk {carried[0]['trunk_id']} carries it: take it out first" if carried else ""


def _dead(facts: Facts, finding: Finding) -> tuple[Premise, ...]:
    """Return that the VM is dead."""
    return still_dead(facts, finding.vm) if finding.vm else ()


def _step(finding: Finding, port: str, title: str, **parts: Any) -> Step:  # noqa: ANN401 -- fields of Step
    """Return a step about one port, whichever finding asks for it."""
    return Step(
        id=f"port:{port}",
        title=title,
        remedy="remove-port",
        stage=Stage.PORT,
        store="neutron",
        vm=finding.vm,
        because=(finding.code,),
        **parts,
    )


def _delete(facts: Facts, finding: Finding, row: Row, premises: tuple[Premise, ...]) -> Step:
    """Delete a port with every row that would go with it."""
    port = str(row["id"])
    return _step(
        finding,
        port,
        f"Delete port {port} ({row['mac_address']}) of VM {finding.vm}",
        effects=port_rows(facts, row),
        premises=premises,
        ways=(Way(means=Means.API, call="neutron.delete_port", arguments={"port": port}), SQL),
        undo=Undo.EQUIVALENT,
    )


def port_rows(facts: Facts, row: Row) -> tuple[Change, ...]:
    """Return what becomes of all rows of a port that is deleted."""
    port, standard = str(row["id"]), row["standard_attr_id"]
    children = sorted(
        {
            (table.name, column.name)
            for table, column in references_to("neutron.ports.id")
            if table.name.startswith("neutron.") and table.name not in HELD_FAST
        }
    )
    return (
        let_go(fixed_port_id=port),
        *_addresses(facts, row),
        *(delete(table, **{column: port}) for table, column in children),
        delete("neutron.ports", id=port),
        delete("neutron.provisioningblocks", standard_attr_id=standard),
        delete("neutron.tags", standard_attr_id=standard),
        # What OVN's maintenance looks for: its revision without a number.
        update(
            "neutron.ovn_revision_numbers",
            "",
            {"standard_attr_id": standard},
            standard_attr_id=None,
        ),
        delete("neutron.standardattributes", id=standard),
    )


def _addresses(facts: Facts, row: Row) -> Iterator[Change]:
    """Give the addresses of a port back to the built-in address management, too."""
    for held in facts.rows("neutron.ipallocations", port_id=row["id"]):
        for subnet in facts.rows("neutron.ipamsubnets", neutron_subnet_id=held["subnet_id"]):
            yield delete(
                "neutron.ipamallocations",
                ip_address=held["ip_address"],
                ipam_subnet_id=str(subnet["id"]),
            )


def let_go(**where: str) -> Change:
    """Let floating addresses lead nowhere, as neutron's `disassociate_floatingips` does."""
    return update(
        "neutron.floatingips",
        "",
        where,
        fixed_port_id=None,
        fixed_ip_address=None,
        last_known_router_id=Own("router_id"),
        router_id=None,
        status="DOWN",
    )


def _unbind(facts: Facts, finding: Finding, row: Row, premises: tuple[Premise, ...]) -> Step:
    """Give a port back to the user that made it: address kept, VM and host taken off."""
    port = str(row["id"])
    bindings = facts.rows("neutron.ml2_port_bindings", port_id=row["id"])
    return _step(
        finding,
        port,
        f"Take VM {finding.vm} off port {row['name']!r} ({row['mac_address']}), which a user made",
        effects=(
            *_unbound(port, bindings),
            update("neutron.ports", "", {"id": port}, device_id="", device_owner="", status="DOWN"),
        ),
        premises=premises,
        ways=(
            Way(
                means=Means.API,
                call="neutron.update_port",
                arguments={"port": port, "values": _freed(bindings)},
            ),
            SQL,
        ),
    )


def _unbound(port: str, bindings: list[Row]) -> Iterator[Change]:
    """Keep one binding, without a host, and remove the others."""
    yield delete("neutron.ml2_port_binding_levels", port_id=port)
    for number, row in enumerate(sorted(bindings, key=lambda row: str(row["status"]))):
        where = {"port_id": port, "host": row["host"]}
        if number:
            yield delete("neutron.ml2_port_bindings", "", **where)
        else:
            new = {"host": "", "vif_type": "unbound", "vif_details": "", "status": "ACTIVE"}
            profile = _users(row["profile"])
            yield update("neutron.ml2_port_bindings", "", where, **new, profile=profile)


def _users(profile: str | None) -> str:
    """Return a binding's profile without what nova wrote into it."""
    try:
        held = json.loads(profile) if profile else {}
    except ValueError:
        return profile or ""
    kept = {name: value for name, value in held.items() if name not in NOVAS}
    return json.dumps(kept) if kept else ""


def _freed(bindings: list[Row]) -> dict[str, Any]:
    """Return what the API is asked to set on a port that is unbound.

    The profile is left out where it need not change: only services may write it.
    """
    was = next((row["profile"] for row in bindings if row["status"] == "ACTIVE"), "") or ""
    profile = _users(was)
    changed = was not in {"", "{}"} and profile != was
    return {
        "device_id": "",
        "device_owner": "",
        "binding:host_id": "",
        **({"binding:profile": json.loads(profile or "{}")} if changed else {}),
    }


def rebind_port(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Bind a port to the host that its VM is on; a binding that failed, only neutron can mend."""
    port = finding.subject
    rows = facts.rows("nova.instances", uuid=finding.vm, cell=finding.cell, deleted=0)
    active = facts.rows("neutron.ml2_port_bindings", port_id=UUID(port), status="ACTIVE")
    if len(rows) != 1 or len(active) != 1:
        why = f"it has {len(active)} active bindings and its VM {len(rows)} rows"
        yield Refusal(what=f"{finding.code} {finding.subject}", why=why)
        return
    host, was = rows[0]["host"], active[0]["host"]
    failed = active[0]["vif_type"] == "binding_failed"
    where = {"port_id": port, "host": was}
    new = {"vif_type": "ovs"} if failed else {"host": host}
    values = {"binding:host_id": host}
    # A binding that is asked for anew on the same host is only tried again once it was let go.
    how = "neutron.rebind_port" if failed else "neutron.update_port"
    api = Way(means=Means.API, call=how, arguments={"port": port, "values": values})
    yield one_step(
        finding,
        "rebind-port",
        Stage.PORT,
        f"Bind port {port} to {host}, where VM {finding.vm} is",
        NEUTRON,
        effects=(
            update("neutron.ml2_port_bindings", "", where, **new),
            update("neutron.ml2_port_binding_levels", "", where, host=host),
        ),
        premises=(
            as_seen("neutron.ml2_port_bindings", "", active[0], *BINDING),
            as_seen("nova.instances", finding.cell, rows[0], "host", "vm_state", "task_state"),
        ),
        ways=(api,) if failed else (api, SQL),
    )


def delete_binding(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Remove the bindings of a port on hosts that its VM is not on."""
    port = UUID(finding.subject)
    rows = facts.rows("nova.instances", uuid=finding.vm, deleted=0) if finding.vm else []
    here = rows[0]["host"] if len(rows) == 1 else None
    bindings = facts.rows("neutron.ml2_port_bindings", port_id=port)
    twice = finding.code == BOUND_TWICE
    wrong = [b for b in bindings if b["host"] != here and (twice or b["status"] == "INACTIVE")]
    if here is None or len(wrong) != len(bindings) - 1:
        why = "none of its bindings is on the host that its VM is on"
        yield Refusal(what=f"{finding.code} {finding.subject}", why=why)
        return
    for binding in wrong:
        yield _binding_step(finding, binding, rows[0])


BOUND_TWICE = "NTR004"


def _binding_step(finding: Finding, binding: Row, vm: Row) -> Step:
    """Return the step that removes one binding."""
    where = {"port_id": str(binding["port_id"]), "host": binding["host"]}
    arguments = {"port": where["port_id"], "host": binding["host"]}
    return Step(
        id=f"binding:{where['port_id']}:{binding['host']}",
        title=f"Remove the binding of port {where['port_id']} on {binding['host']}",
        remedy="delete-port-binding",
        stage=Stage.PORT,
        store="neutron",
        vm=finding.vm,
        because=(finding.code,),
        effects=(
            delete("neutron.ml2_port_binding_levels", "", **where),
            delete("neutron.ml2_port_bindings", "", **where),
        ),
        premises=(
            as_seen("neutron.ml2_port_bindings", "", binding, *BINDING),
            as_seen("nova.instances", vm["cell"], vm, "host", "task_state", "vm_state"),
        ),
        ways=(
            Way(means=Means.API, call="neutron.delete_binding", arguments=arguments),
            SQL,
        ),
        undo=Undo.EQUIVALENT,
    )


def disassociate(facts: Facts, finding: Finding, _: Choices) -> Iterator[Step]:
    """Let a floating address go that leads to a VM which is gone; it stays its owner's."""
    for row in facts.rows("neutron.floatingips", id=UUID(finding.subject)):
        address = str(row["id"])
        yield one_step(
            finding,
            "disassociate-floating-ip",
            Stage.SWITCH,
            f"Let floating address {row['floating_ip_address']} lead nowhere",
            NEUTRON,
            effects=(let_go(id=address),),
            premises=(
                *(still_dead(facts, finding.vm) if finding.vm else ()),
                as_seen("neutron.floatingips", "", row, "fixed_port_id"),
            ),
            ways=(
                Way(
                    means=Means.API,
                    call="neutron.update_floating_ip",
                    arguments={"floating_ip": address, "values": {"port_id": None}},
                ),
                SQL,
            ),
        )


REMEDIES = (
    Remedy(
        name="remove-port",
        what="Deletes nova's port of a dead VM, and unbinds one that its user made.",
        propose=remove_port,
    ),
    Remedy(
        name="rebind-port",
        what="Binds a port to the host that its VM is on.",
        propose=rebind_port,
    ),
    Remedy(
        name="delete-port-binding",
        what="Removes the bindings of a port on hosts that its VM is not on.",
        propose=delete_binding,
    ),
    Remedy(
        name="disassociate-floating-ip",
        what="Lets a floating address go that leads to a dead VM.",
        propose=disassociate,
    ),
)
