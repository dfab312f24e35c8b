-- One row per VM of which nova has any row at all.
select uuid
from vm.alive
union
select uuid
from vm.dead
