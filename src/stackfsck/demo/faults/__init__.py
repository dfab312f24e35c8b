"""Everything that can be broken in the embedded cloud: at least one fault for every check."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from stackfsck.demo.faults import api, cinder, libvirt, network, nova, placement, storage
from stackfsck.demo.faults.breaker import Fault, breaking
from stackfsck.demo.folder import Folder
from stackfsck.model.errors import NotFound

FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        fault.code: fault
        for module in (nova, api, placement, cinder, network, storage, libvirt)
        for fault in module.FAULTS
    }
)
"""The faults by the code of the check that finds each."""


def inject(folder: Folder, code: str) -> Fault:
    """Break one thing in the cloud, and return what it was.

    Raises NotFound for a code that no fault has, and when nothing is left to break.
    """
    folder.require()
    fault = FAULTS.get(code.upper())
    if fault is None:
        raise NotFound(
            f"no fault has the code {code}", next_step=f"One of {', '.join(sorted(FAULTS))}."
        )
    with breaking(folder, fault.code) as breaker:
        fault.do(breaker)
    return fault


def break_cloud(folder: Folder, codes: Iterable[str]) -> list[Fault]:
    """Break several things, each somewhere else, and return what they were."""
    return [inject(folder, code) for code in codes]
