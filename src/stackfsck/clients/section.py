"""One table of a settings file, read strictly: a key that means nothing is a mistake, said so."""

import difflib
import os
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from stackfsck.clients.durations import duration
from stackfsck.model.errors import Misused

T = TypeVar("T")


class Section:
    """The keys of one table of the file; every reader says where a wrong value stands."""

    def __init__(self, name: str, values: object, path: Path) -> None:
        """Wrap what stands under `name` ("" for the whole file); raises Misused if no table."""
        self.name = name
        self.path = path
        if not isinstance(values, Mapping):
            raise Misused(f"{name} in {path} must be a table")
        self._values = values

    def __contains__(self, key: str) -> bool:
        """Whether the key is set."""
        return key in self._values

    def keys(self) -> list[str]:
        """Return the keys in the order of the file."""
        return list(self._values)

    def allow(self, *names: str) -> None:
        """Raise Misused for a key that is none of these, with the nearest one."""
        for key in self._values:
            if key not in names:
                near = difflib.get_close_matches(key, names, 1, 0.5)
                known = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}"
                raise Misused(f"{self.place(key)} means nothing", next_step=known)

    def place(self, key: str) -> str:
        """Say where a key stands: `[limits] grace in /etc/stackfsck/stackfsck.toml`."""
        table = f"[{self.name}] " if self.name else ""
        return f"{table}{key} in {self.path}"

    def sub(self, key: str) -> "Section":
        """Return the table under a key, empty when it is not set."""
        name = f"{self.name}.{key}" if self.name else key
        return Section(name, self._values.get(key, {}), self.path)

    def subs(self, key: str) -> list["Section"]:
        """Return the tables of an array of tables, empty when it is not set."""
        values = self._values.get(key, [])
        if not isinstance(values, list):
            raise Misused(f"{self.place(key)} must be an array: write [[{key}]]")
        return [Section(f"{key} {number}", one, self.path) for number, one in enumerate(values, 1)]

    def is_table(self, key: str) -> bool:
        """Whether a table stands under the key."""
        return isinstance(self._values.get(key), Mapping)

    def text(self, key: str, default: str = "") -> str:
        """Return a text."""
        return self._typed(key, str, "a text", default)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return true or false."""
        return self._typed(key, bool, "true or false", default)

    def number(self, key: str, default: int, low: int, high: int) -> int:
        """Return a whole number between `low` and `high`."""
        value = self._typed(key, int, "a whole number", default)
        if isinstance(value, bool) or not low <= value <= high:
            raise Misused(f"{self.place(key)} must be a whole number from {low} to {high}")
        return value

    def span(self, key: str, default: timedelta) -> timedelta:
        """Return a duration."""
        text = self.text(key)
        if not text:
            return default
        try:
            return duration(text)
        except Misused as error:
            raise Misused(f"{self.place(key)}: {error}", next_step=error.next_step) from error

    def texts(self, key: str, default: Iterable[str] = ()) -> tuple[str, ...]:
        """Return a list of texts; one text alone stands for a list of one."""
        value = self._values.get(key)
        if value is None:
            return tuple(default)
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise Misused(f"{self.place(key)} must be a list of texts")
        return tuple(values)

    def file(self, key: str) -> Path | None:
        """Return a path; a relative one starts at the folder of the settings file."""
        text = self.text(key)
        return self.path.parent / Path(text).expanduser() if text else None

    def secret(self, environment: Mapping[str, str] = os.environ) -> str:
        """Return what `password_file` or `password_env` lead to; empty when neither is set."""
        if name := self.text("password_env"):
            if name not in environment:
                raise Misused(f"{self.place('password_env')}: {name} is not set")
            return environment[name]
        path = self.file("password_file")
        if path is None:
            return ""
        try:
            return path.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise Misused(f"{self.place('password_file')}: {path} cannot be read") from error

    def _typed(self, key: str, kind: type[T], words: str, default: T) -> T:
        value = self._values.get(key, default)
        if not isinstance(value, kind):
            raise Misused(f"{self.place(key)} must be {words}")
        return value
