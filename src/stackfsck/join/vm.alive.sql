-- One row per VM that nova stands for: in a cell, or accepted and not yet scheduled.
select uuid
from vm.live
union
select instance_uuid
from nova_api.build_requests
where instance_uuid is not null
