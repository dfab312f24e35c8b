r"""Files in oslo.config's format, as every OpenStack service has them, read and nothing else.

Several files stand for one configuration: what a later one says wins. Lines that begin with white
space go on with the line above; `$name`, `${name}` and `${group.name}` stand for other options,
`$$` and `\$` for a dollar sign.

Source: https://docs.openstack.org/oslo.config/latest/configuration/format.html
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from stackfsck.model.errors import Unreadable

DEFAULT = "DEFAULT"

_SECTION = re.compile(r"\[([^\]]+)\]")
_OPTION = re.compile(r"([^=:]+)[=:](.*)", re.DOTALL)
_NAME = r"[_a-z][._a-z0-9]*"
_REFERENCE = re.compile(rf"(?:\$|\\)\$|\$(?:{{({_NAME})}}|({_NAME}))", re.IGNORECASE)
_DEPTH = 10


@dataclass(frozen=True, kw_only=True)
class Option:
    """One value as written, and the file that said it last."""

    value: str
    path: Path


@dataclass(frozen=True, kw_only=True)
class ServiceConfig:
    """The options of one service, by group and name, from all of its files."""

    paths: tuple[Path, ...]
    options: Mapping[tuple[str, str], Option]

    def get(self, group: str, name: str) -> str:
        """Return a value with its references filled in; empty when the option is not set."""
        option = self.find(group, name)
        return self._filled(option.value, group) if option else ""

    def find(self, group: str, name: str) -> Option | None:
        """Return the option as written. Dashes and underscores in names are the same."""
        return self.options.get((group.lower(), name.replace("-", "_")))

    def where(self, group: str, name: str) -> str:
        """Say where an option stands, for messages."""
        option = self.find(group, name)
        return f"[{group}] {name} in {option.path}" if option else f"[{group}] {name}"

    def _filled(self, text: str, group: str, depth: int = 0) -> str:
        def value(match: re.Match[str]) -> str:
            name = match[1] or match[2]
            if not name:
                return "$"
            other, _, option_name = name.rpartition(".")
            option = self.find(other or group, option_name) or self.find(DEFAULT, name)
            # A password may hold a dollar sign that means nothing: what is no option stays.
            if option is None or depth >= _DEPTH:
                return match[0]
            return self._filled(option.value, other or group, depth + 1)

        return _REFERENCE.sub(value, text)


def read(paths: Iterable[Path]) -> ServiceConfig:
    """Read files in order, folders as their *.conf in order of name.

    A path that does not exist is skipped. Raises Unreadable for one that may not be read, because
    the service's own answer could stand in it.
    """
    options: dict[tuple[str, str], Option] = {}
    files: list[Path] = []
    for path in paths:
        for file in _files(path):
            files.append(file)
            for group, name, value in parse(_text(file)):
                options[group.lower(), name] = Option(value=value, path=file)
    return ServiceConfig(paths=tuple(files), options=options)


def _files(path: Path) -> list[Path]:
    try:
        if path.is_dir():
            return sorted(file for file in path.glob("*.conf") if file.is_file())
        return [path] if path.is_file() else []
    except PermissionError as error:
        raise _forbidden(path) from error


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except PermissionError as error:
        raise _forbidden(file) from error
    except OSError as error:
        raise Unreadable(f"{file} cannot be read: {error.strerror}") from error


def _forbidden(path: Path) -> Unreadable:
    return Unreadable(
        f"{path} may not be read by this account",
        next_step="run stackfsck as root, or write the connections into stackfsck.toml",
    )


def parse(text: str) -> list[tuple[str, str, str]]:
    """Return (group, name, value) of every option in order; lines that mean nothing are skipped."""
    found: list[tuple[str, str, str]] = []
    group, goes_on = DEFAULT, False
    for line in map(str.rstrip, text.splitlines()):
        if line[:1].isspace():
            if goes_on:
                before, name, value = found[-1]
                found[-1] = (before, name, f"{value}\n{line.lstrip()}")
            continue
        goes_on = False
        if match := _SECTION.match(line):
            group = match[1].strip()
        elif line[:1] not in {"", "#", ";"} and (match := _OPTION.match(line)):
            name = match[1].strip().replace("-", "_")
            found.append((group, name, _unquoted(match[2].strip())))
            goes_on = True
    return found


def _unquoted(value: str) -> str:
    """Quotes around a whole value are taken off, as oslo.config does."""
    pair = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if pair else value
