"""How each finding is put right: one file per remedy, and what they share."""

from collections.abc import Mapping
from types import MappingProxyType

from stackfsck.remedies import (
    allocations,
    attachments,
    bury,
    computes,
    directories,
    domains,
    images,
    index,
    instances,
    ports,
    providers,
    quotas,
    release_allocation,
    remove_children,
    storage,
    switch,
    volumes,
)
from stackfsck.remedies.base import Remedy

MODULES = (
    remove_children,
    release_allocation,
    index,
    instances,
    computes,
    quotas,
    domains,
    switch,
    directories,
    storage,
    allocations,
    providers,
    attachments,
    volumes,
    ports,
    images,
    bury,
)

REMEDIES: Mapping[str, Remedy] = MappingProxyType(
    {remedy.name: remedy for module in MODULES for remedy in module.REMEDIES}
)
"""Every remedy by the name under which checks ask for it."""
