"""Write the services' configuration from lab/etc/*/*.in into $LAB_HOME/etc, once for each host.

A line `%include NAME` in a template is replaced by lab/etc/common/NAME.in; words after NAME set
`$1`, `$2` in it. `${VAR}` is a setting of lab/lib/common.sh or one named in `settings`.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
import sys
from pathlib import Path

TEMPLATES = Path(__file__).parent.parent / "etc"
HOME = Path(os.environ["LAB_HOME"])
SERVICES = ("keystone", "placement", "glance", "nova", "neutron", "cinder")
ON_HOST_2 = ("nova", "neutron")


def main() -> None:
    """Host 1 gets every service, host 2 what a compute host has."""
    first = settings(os.environ["LAB_HOST"], os.environ["LAB_IP"])
    for service in SERVICES:
        defaults = HOME / "venv/etc" / service
        write_service(service, HOME / "etc" / service, first, defaults)
        link(Path("/etc") / service, HOME / "etc" / service)
    second = settings(os.environ["LAB_HOST2"], os.environ["LAB_VM2_IP"])
    for service in ON_HOST_2:
        target = HOME / "etc/vm2" / service
        write_service(service, target, second, HOME / "venv/etc" / service)
    (HOME / "openrc").write_text(render(TEMPLATES / "openrc.in", first))


def settings(host: str, address: str) -> dict[str, str]:
    """What the templates may name."""
    env = os.environ
    return {
        "HOST": host,
        "IP": address,
        "CLOUD": env["LAB_IP"],
        "PASSWORD": env["LAB_PASSWORD"],
        "VAR": env["VAR"],
        "VENV": env["VENV"],
        "VIRT": env["LAB_VIRT"],
        "RBD_SECRET": (HOME / "etc/rbd_secret_uuid").read_text().strip(),
    }


def write_service(service: str, target: Path, values: dict[str, str], defaults: Path) -> None:
    """Render every template of `service`; files of the distribution package fill the rest."""
    target.mkdir(parents=True, exist_ok=True)
    if defaults.is_dir():
        copy_missing(defaults, target)
    for template in sorted((TEMPLATES / service).rglob("*.in")):
        path = target / template.relative_to(TEMPLATES / service).with_suffix("")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(template, values))
    if service == "nova":
        without_databases(target / "nova.conf", target / "nova-cpu.conf")


def copy_missing(source: Path, target: Path) -> None:
    """Copy what is not there yet."""
    for path in source.rglob("*"):
        copy = target / path.relative_to(source)
        if path.is_file() and not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)


def render(template: Path, values: dict[str, str]) -> str:
    """The template with its includes and `${NAME}` filled in; an unknown name is an error."""
    return fill(include(template.read_text()), values)


def include(text: str) -> str:
    """Replace each `%include NAME WORD…` line."""

    def insert(match: re.Match[str]) -> str:
        name, *words = match[1].split()
        body = (TEMPLATES / "common" / f"{name}.in").read_text().rstrip()
        for number, word in enumerate(words, 1):
            body = body.replace(f"${number}", word)
        return body

    return re.sub(r"^%include (.+)$", insert, text, flags=re.MULTILINE)


def fill(text: str, values: dict[str, str]) -> str:
    """Replace `${NAME}`; a plain `$name` belongs to oslo.config and stays."""
    return re.sub(r"\$\{([A-Z_]+)\}", lambda match: values[match[1]], text)


def without_databases(source: Path, target: Path) -> None:
    """Write the file of nova-compute, which refuses to start when it can see a database."""
    parser = configparser.RawConfigParser(strict=False)
    parser.read(source)
    for section in ("database", "api_database"):
        parser.remove_section(section)
    with target.open("w") as file:
        parser.write(file)


def link(path: Path, target: Path) -> None:
    """Point /etc/SERVICE at the lab's folder; what stood there is moved aside, not lost."""
    if path.is_symlink():
        path.unlink()
    elif path.exists():
        path.rename(path.with_name(path.name + ".distro"))
    path.symlink_to(target)


if __name__ == "__main__":
    sys.exit(main())
