"""How each finding is put right: one file per remedy, and what they share."""

from collections.abc import Mapping
from types import MappingProxyType

from stackfsck.remedies import (
    allocations,
    attachments,
    directories,
    domains,
    images,
    index,
    instances,
    ports,
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
    domains,
    switch,
    directories,
    storage,
    allocations,
    attachments,
    volumes,
    ports,
    images,
)

REMEDIES: Mapping[str, Remedy] = MappingProxyType(
    {remedy.name: remedy for module in MODULES for remedy in module.REMEDIES}
)
"""Every remedy by the name under which checks ask for it."""
