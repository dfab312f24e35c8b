"""Which databases a cloud has and how each is reached: settings first, then services' files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from stackfsck.clients import dsn as urls
from stackfsck.clients.cells import Cell, fill, read_cells
from stackfsck.clients.databases import Database, connect
from stackfsck.clients.dsn import Dsn
from stackfsck.clients.services import Services
from stackfsck.clients.settings import Settings
from stackfsck.model.errors import StackfsckError, Unreadable

GLOBAL_STORES = ("nova_api", "placement", "cinder", "neutron", "glance", "keystone")
"""Stores of which a cloud has one database each; nova has one per cell."""

UNKNOWN_CELLS = "unknown cells"
"""The scope of what cannot be read because nobody says which cells there are."""

_HINTS = {"placement": "; before Stein it may be nova's API database: then name that one"}


@dataclass(frozen=True, kw_only=True)
class Source:
    """One database of the cloud, to be opened or known to be out of reach.

    `store` is its name in the catalogue (`nova_api`), `scope` the cell for nova's, else "".
    `where` says in words where the URL was found. `open` returns the database, or raises
    Unreadable with the reason. `primary` is the database that may be written to, None when it is
    not known.
    """

    store: str
    scope: str = ""
    where: str
    open: Callable[[], Database]
    primary: Dsn | None = None


def sources(settings: Settings, services: Services) -> tuple[Source, ...]:
    """Return every database of the cloud, all cells included.

    Reads nova_api.cell_mappings. What cannot be found or read is still in the answer and fails when
    it is opened, so that it becomes a gap, not an absence. Only keystone may be missing: no check
    needs it.
    """
    found = [_global(store, settings, services) for store in GLOBAL_STORES]
    known = [one for one in found if one.store != "keystone" or one.where]
    return (*known, *_cells(settings, services, found[0]))


def _global(store: str, settings: Settings, services: Services) -> Source:
    try:
        places, where = _places(store, settings, services)
    except StackfsckError as error:
        return _lost(store, "", str(error), error.next_step)
    if not places:
        return _lost(
            store,
            "",
            f"the database of {store} is not configured",
            f"name it in stackfsck.toml, [databases] {store}, or run where the service's files are"
            + _HINTS.get(store, ""),
        )
    return _source(store, "", places, where, settings)


def _places(store: str, settings: Settings, services: Services) -> tuple[tuple[Dsn, ...], str]:
    """Return where a store may be read, the preferred place first, and who says so."""
    if named := settings.databases.stores.get(store):
        return (named,), f"[databases] {store} in {settings.path}"
    found = services.connection(store)
    if found is None:
        return (), ""
    own = settings.databases.own_account
    if found.replica and settings.databases.replicas:
        return (own(found.replica), own(found.dsn)), found.where
    return (own(found.dsn),), found.where


def _cells(settings: Settings, services: Services, api: Source) -> Iterator[Source]:
    """Return every cell that nova knows; the settings may say how to reach some of them.

    They cannot leave one out: VMs of a cell that nobody read would look deleted.
    """
    named = dict(settings.databases.cells)
    try:
        cells = _mapped(api)
        written = services.connection("nova") if any("{" in cell.url for cell in cells) else None
    except StackfsckError as error:
        for scope, place in named.items():
            yield _named(scope, place, settings)
        reason = f"it is not known which cells there are: {error}"
        yield _lost("nova", UNKNOWN_CELLS, reason, error.next_step)
        return
    for cell in cells:
        key = cell.scope if cell.scope in named else cell.uuid
        if key in named:
            yield _named(cell.scope, named.pop(key), settings)
        else:
            yield _cell(cell, written.written if written else "", settings)
    known = ", ".join(cell.scope for cell in cells)
    for scope in named:
        reason = f"{settings.path} names a cell {scope}, which nova does not have"
        yield _lost("nova", scope, reason, f"nova's cells are {known}")


def _named(scope: str, place: Dsn, settings: Settings) -> Source:
    where = f"[databases.nova] {scope} in {settings.path}"
    return _source("nova", scope, (place,), where, settings)


def _mapped(api: Source) -> tuple[Cell, ...]:
    database = api.open()
    try:
        return read_cells(database)
    finally:
        database.close()


def _cell(cell: Cell, base: str, settings: Settings) -> Source:
    where = f"nova_api.cell_mappings, {cell.scope}"
    try:
        place = urls.parse(fill(cell.url, base), where=where)
    except StackfsckError as error:
        return _lost("nova", cell.scope, str(error), error.next_step)
    return _source("nova", cell.scope, (settings.databases.own_account(place),), where, settings)


def _source(
    store: str, scope: str, places: tuple[Dsn, ...], where: str, settings: Settings
) -> Source:
    opener = partial(_open, places, settings.database_timeout.total_seconds())
    return Source(store=store, scope=scope, where=where, open=opener, primary=places[-1])


def _open(places: tuple[Dsn, ...], timeout: float) -> Database:
    """Open the first place that answers: a replica that is down is no reason to read nothing."""
    for place in places[:-1]:
        try:
            return connect(place, timeout=timeout)
        except Unreadable:
            continue
    return connect(places[-1], timeout=timeout)


def _lost(store: str, scope: str, reason: str, next_step: str) -> Source:
    def refuse() -> Database:
        raise Unreadable(reason, next_step=next_step)

    return Source(store=store, scope=scope, where="", open=refuse)
