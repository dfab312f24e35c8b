"""What happened to a VM, and when: every dated trace, put in order."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from stackfsck.model.dossier import Event, Relation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stackfsck.judge.traces import Row, Traces

# table -> (column with the moment, what happened, further detail); braces are columns of the row.
# An entry is left out when the moment or all columns that it names are null. What happened in the
# same second is told in this order.
_HAPPENED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "nova.instance_actions": (("start_time", "{action}", "{message}"),),
    "nova_api.build_requests": (("created_at", "asked for at the API", ""),),
    "nova_api.instance_mappings": (("created_at", "mapped by the API", ""),),
    "nova.instances": (
        ("created_at", "record made in {cell}", "{display_name}"),
        ("launched_at", "started for the first time", "on {host}"),
        ("terminated_at", "terminated", ""),
        ("deleted_at", "marked as deleted in {cell}", "vm_state {vm_state}"),
        ("updated_at", "last change of the record in {cell}", "{vm_state} {task_state}"),
    ),
    "nova.instance_actions_events": (("finish_time", "{event}", "{result}"),),
    "nova.instance_faults": (("created_at", "fault {code}", "{message}"),),
    "nova.migrations": (
        ("created_at", "{migration_type} began", "{source_compute} → {dest_compute}"),
        ("updated_at", "{migration_type} is {status}", "{source_compute} → {dest_compute}"),
    ),
    "nova.block_device_mapping": (
        ("created_at", "given volume {volume_id}", "{device_name}"),
        ("deleted_at", "volume {volume_id} taken away", "{device_name}"),
    ),
    "placement.consumers": (("created_at", "first allocation", ""),),
    "cinder.volume_attachment": (
        ("attach_time", "volume {volume_id} attached", "on {attached_host} {mountpoint}"),
        ("detach_time", "volume {volume_id} detached", ""),
        ("deleted_at", "attachment {id} ended", ""),
    ),
    "glance.images": (("created_at", "image {name} made", "{status}"),),
    "libvirt.domains": (("nova_created", "domain defined by nova on {host}", "{state}"),),
    "libvirt.processes": (("started", "qemu process started on {host}", "pid {pid}"),),
    "host.instance_dirs": (("changed_at", "directory {name} changed on {host}", ""),),
    "host.vm_files": (("changed_at", "{kind} file changed on {host}", "{name}"),),
}


def timeline_of(traces: Traces) -> tuple[Event, ...]:
    """Return what the traces date, oldest first; context (hosts, networks) is not dated."""
    events = {
        event
        for row in traces.rows.values()
        if row.relation is not Relation.CONTEXT
        for event in _events(row)
    }
    order = {table: place for place, table in enumerate(_HAPPENED)}
    return tuple(sorted(events, key=lambda e: (e.at, order[e.by], e.what, e.detail)))


def _events(row: Row) -> Iterator[Event]:
    for column, what, detail in _HAPPENED.get(row.table.name, ()):
        moment, told = row.values.get(column), _filled(what, row.values)
        if told and isinstance(moment, datetime) and not _repeats(row, column):
            yield Event(
                at=moment,
                what=told,
                by=row.table.name,
                detail=_filled(detail, row.values),
            )


def _repeats(row: Row, column: str) -> bool:
    """Whether a last change is only the moment of another entry: a creation or a deletion."""
    others = (row.values.get("created_at"), row.values.get("deleted_at"))
    return column == "updated_at" and row.values[column] in others


def _filled(template: str, values: dict[str, Any]) -> str:
    """Fill in the columns; nothing when the template names some and none of them has a value."""
    if "{" not in template:
        return template
    known = {name: str(value) for name, value in values.items() if value is not None}
    words = [word for word in template.split(" ") if "{" in word]
    if not any(known.get(word.strip("{}()"), "") for word in words):
        return ""
    return " ".join(template.format_map(_Nothing(known)).split())


class _Nothing(dict[str, str]):
    """Values in which a missing one reads as nothing."""

    def __missing__(self, key: str) -> str:
        return ""
