"""Every call that the services are asked for, by the name under which ways ask for it."""

from collections.abc import Mapping
from types import MappingProxyType

from stackfsck.clients.openstack import cinder, glance, neutron, nova, placement
from stackfsck.clients.openstack.call import Call

CALLS: Mapping[str, Call] = MappingProxyType(
    placement.CALLS | cinder.CALLS | neutron.CALLS | glance.CALLS | nova.CALLS
)
