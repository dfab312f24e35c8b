"""How each finding is put right: one file per remedy, and what they share."""

from collections.abc import Mapping
from types import MappingProxyType

from stackfsck.remedies import release_allocation, remove_children
from stackfsck.remedies.base import Remedy

MODULES = (release_allocation, remove_children)

REMEDIES: Mapping[str, Remedy] = MappingProxyType(
    {module.REMEDY.name: module.REMEDY for module in MODULES}
)
"""Every remedy by the name under which checks ask for it."""
