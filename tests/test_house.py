"""The house rules that no linter knows: sizes, reasons, links, versions."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
FOLDERS = ("src", "tests", "tools", "bench", "lab", "docs", "changes", ".ci")
MADE = {"__pycache__", "cache", "state", "build"}  # what runs leave behind

LONGEST_FUNCTION = 50
LONGEST_MODULE = 400
# One file each by nature: they are sent whole over ssh to hosts that have nothing of ours.
MAY_BE_LONGER = {"src/stackfsck/probe/look.py": 1600, "src/stackfsck/probe/act.py": 1600}


def files(*suffixes: str) -> list[Path]:
    """Everything that belongs to the project and ends in one of these suffixes."""
    found = [path for path in ROOT.iterdir() if path.is_file()]
    for folder in FOLDERS:
        found += [
            path
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and not MADE & set(path.relative_to(ROOT).parts)
        ]
    return sorted(path for path in found if path.suffix in suffixes)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


MODULES = files(".py")
PAGES = files(".md")
SCRIPTS = [*files(".sh"), ROOT / ".ci" / "run"]


def functions(module: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


# ── sizes ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_no_function_is_longer_than_a_screen(module: Path) -> None:
    long = {
        function.name: lines
        for function in functions(module)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_no_module_is_longer_than_can_be_kept_in_mind(module: Path) -> None:
    lines = module.read_text("utf-8").count("\n")
    assert lines <= MAY_BE_LONGER.get(name(module), LONGEST_MODULE)


# ── care ────────────────────────────────────────────────────────────────────────────────────────

SAYS_SOMETHING = re.compile(r"\bassert\b|raises|check|expect|verify|must|same|warns")


@pytest.mark.parametrize("module", [m for m in MODULES if m.name.startswith("test_")], ids=name)
def test_every_test_asserts_something(module: Path) -> None:
    hollow = [
        function.name
        for function in functions(module)
        if function.name.startswith("test_") and not SAYS_SOMETHING.search(ast.unparse(function))
    ]
    assert hollow == []


def swallows_everything(handler: ast.ExceptHandler) -> bool:
    broad = handler.type is None or (
        isinstance(handler.type, ast.Name) and handler.type.id in {"Exception", "BaseException"}
    )
    return broad and not any(isinstance(node, ast.Raise) for node in ast.walk(handler))


# The probes are no part of this: whatever fails in them becomes a line of their answer.
CAREFUL = [m for m in MODULES if name(m).startswith("src/") and name(m) not in MAY_BE_LONGER]


@pytest.mark.parametrize("module", CAREFUL, ids=name)
def test_no_error_is_swallowed(module: Path) -> None:
    """A shorter list in place of an error is how live records come to be deleted."""
    handlers = [
        node.lineno
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler) and swallows_everything(node)
    ]
    assert handlers == []


@pytest.mark.parametrize(
    "section", ["lint.ignore", *PROJECT["tool"]["ruff"]["lint"]["per-file-ignores"]]
)
def test_every_ignored_lint_rule_has_a_reason_beside_it(section: str) -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    start = "\nignore = [" if section == "lint.ignore" else f'\n"{section}" = ['
    body = text.split(start, 1)[1].split("\n]", 1)[0]
    rules = [line for line in body.splitlines() if line.strip().startswith('"')]
    assert rules
    assert [line for line in rules if not re.fullmatch(r' +"[A-Z0-9]+", +# \S.{8,}', line)] == []


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_exceptions_from_lint_and_types_name_their_rule(module: Path) -> None:
    text = module.read_text("utf-8")
    bare = re.findall(r"#\s*(?:noqa(?!: [A-Z])|type:\s*ignore(?!\[))", text)
    assert bare == []


def test_nothing_names_the_machine_it_was_written_on() -> None:
    """Such a path means nothing to anyone else."""
    local = re.compile(r"(?<![\w.$}/-])/wor[k]/")
    hits = [
        f"{name(path)}: {line.strip()}"
        for path in files(".py", ".sql", ".md", ".sh", ".toml", ".txt", ".cfg", "")
        for line in path.read_text("utf-8", errors="replace").splitlines()
        if local.search(line)
    ]
    assert hits == []


# ── versions ────────────────────────────────────────────────────────────────────────────────────


def constraints() -> dict[str, Version]:
    pairs = [
        line.split("==")
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    return {normal(project): Version(version) for project, version in pairs}


def normal(project: str) -> str:
    return re.sub(r"[-_.]+", "-", project).lower()


def requirements() -> list[Requirement]:
    project = PROJECT["project"]
    texts = [
        *project["dependencies"],
        *project["optional-dependencies"]["dev"],
        *PROJECT["build-system"]["requires"],
    ]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("requirement", requirements(), ids=str)
def test_the_tested_version_lies_in_the_promised_range(requirement: Requirement) -> None:
    assert constraints()[normal(requirement.name)] in requirement.specifier


# ── pages and scripts ───────────────────────────────────────────────────────────────────────────

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """What a browser calls the headings of a page (GitHub's rule)."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    broken = []
    for link in LINK.findall(re.sub(r"`[^`\n]*`", "", text)):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file) if file else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def targets() -> dict[str, str]:
    """Targets of the Makefile and what each says about itself."""
    text = (ROOT / "Makefile").read_text("utf-8")
    return dict(re.findall(r"^([a-z][a-z-]*):[^#\n]*(?:## (.*))?$", text, flags=re.MULTILINE))


def test_make_alone_lists_every_target() -> None:
    listed = subprocess.run(["make", "-C", ROOT], capture_output=True, text=True, check=True).stdout
    assert [target for target, meaning in targets().items() if not meaning] == []
    assert [target for target in targets() if f"make {target} " not in listed] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_pages_name_only_targets_that_exist(page: Path) -> None:
    # Only what is written as code is a command; "make sure" is not.
    text = page.read_text("utf-8")
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, flags=re.DOTALL))
    named = set(re.findall(r"(?:^|`)(?:\$ )?make ([a-z][a-z-]*)", code, flags=re.MULTILINE))
    assert named - targets().keys() == set()


@pytest.mark.parametrize("script", SCRIPTS, ids=name)
def test_scripts_can_be_read_by_bash_and_may_be_run(script: Path) -> None:
    subprocess.run(["bash", "-n", script], check=True)
    assert script.name == "common.sh" or script.stat().st_mode & 0o100


def test_continuous_integration_runs_what_people_run() -> None:
    assert re.search(r"^make test\b", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE)


DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("page", DECISIONS, ids=name)
def test_a_decision_says_why_and_what_follows(page: Path) -> None:
    text = page.read_text("utf-8")
    assert re.match(rf"# {page.name[:4]} \S", text)
    headings = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    assert headings == ["What was the question", "What we decided", "What follows"]


def test_the_glossary_explains_each_word_once() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    words = re.findall(r"^\*\*(.+?)\*\*", text, flags=re.MULTILINE)
    assert len(words) == len(set(words)) > 20
