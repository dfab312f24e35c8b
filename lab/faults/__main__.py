"""Print the catalogue of faults as the table of docs/guide/lab.md: `python -m lab.faults`."""

from __future__ import annotations

from lab.faults import Fault, all_faults


def table(faults: dict[str, Fault]) -> str:
    """The faults as a Markdown table, in the order of the modules."""
    lines = ["| fault | the incident | found by | seed |", "|---|---|---|---|"]
    for one in faults.values():
        name = f"`{one.name}`" + (" (alone)" if one.alone else "")
        incident = one.incident.replace("|", "\\|")
        lines.append(f"| {name} | {incident} | {' '.join(one.codes)} | {one.seed} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(all_faults()))
