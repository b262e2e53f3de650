"""What the pages say is there: settings, commands, targets, paths and links."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import get_type_hints

import click
import pytest

from campaign.cli import gbg
from campaign.settings import Secrets, Settings
from tests.contracts.tree import ROOT, files, text

PAGES = [path for path in files() if path.endswith(".md")]


def section(page: str, heading: str) -> str:
    """The text of a page below a heading, up to the next of the same level."""
    level = heading.partition(" ")[0]
    _, _, rest = text(page).partition(f"\n{heading}\n")
    return re.split(rf"\n{level} ", rest)[0]


def settings_keys() -> list[tuple[str, str]]:
    hints = get_type_hints(Settings)
    sections = {name: hint for name, hint in hints.items() if name not in {"home", "secrets"}}
    return [(name, field.name) for name, kind in sections.items() for field in dataclasses.fields(kind)]


@pytest.mark.parametrize(("name", "key"), settings_keys())
def test_every_setting_is_documented_in_its_section(name: str, key: str) -> None:
    assert f"`{key}`" in section("docs/settings.md", f"## [{name}]")


def test_every_variable_of_the_environment_is_documented() -> None:
    read = set(re.findall(r'environment\.get\(\s*"(\w+)"', text("campaign/settings.py")))
    assert len(read) >= 2 + len(dataclasses.fields(Secrets))
    assert [name for name in read if f"`{name}`" not in text("docs/settings.md")] == []


def commands(group: click.Group = gbg, prefix: str = "gbg") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{prefix} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")


COMMANDS = dict(commands())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    page = section("docs/commands.md", f"## {name}")
    options = [param for param in COMMANDS[name].params if isinstance(param, click.Option)]
    assert page, f"docs/commands.md has no heading “## {name}”"
    assert [max(o.opts, key=len) for o in options if f"`{max(o.opts, key=len)}" not in page] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_a_page_names_exists(page: str) -> None:
    code = "\n".join(re.findall(r"`[^`\n]+`|^    .+$", text(page), re.MULTILINE))
    named = {f"gbg {name}" for name in re.findall(r"\bgbg ([a-z][a-z-]+)\b", code)}
    assert named - set(COMMANDS) == set()


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+[a-z%-]*):", text("Makefile"), re.MULTILINE))


def test_every_target_has_a_line_of_help_and_is_in_the_readme() -> None:
    helped = set(re.findall(r"^([a-z]+[a-z%-]*):.*## \S", text("Makefile"), re.MULTILINE))
    assert targets() == helped
    wanted = {f"make {name}".replace("%", "NAME") for name in targets() - {"help"}}
    assert [command for command in wanted if not re.search(rf"\b{command}\b", text("README.md"))] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_target_that_a_page_names_exists(page: str) -> None:
    named = set(re.findall(r"(?:`|^    )make ([a-z]+(?:-[A-Za-z]+)?)", text(page), re.MULTILINE))
    known = (
        targets()
        | {"bench-NAME"}
        | {f"bench-{path.stem.rstrip('_')}" for path in (ROOT / "benchmarks").glob("[a-z]*.py")}
    )
    assert named - known == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text(page))
    folder = (ROOT / page).parent
    assert [link for link in links if not (folder / link).exists()] == []


def test_every_path_of_the_architecture_page_exists() -> None:
    tables = "\n".join(line for line in text("docs/architecture.md").splitlines() if line.startswith("|"))
    named = {word for word in re.findall(r"`([^`]+)`", tables) if "/" in word or PurePosixPath(word).suffix}
    assert len(named) > 30
    there = {
        parent.as_posix()
        for path in files()
        for parent in (PurePosixPath(path), *PurePosixPath(path).parents)
    }
    assert sorted(path for path in named if path.rstrip("/") not in there) == []


def test_where_do_i_go_answers_what_newcomers_ask() -> None:
    rows = [
        row.split("|")[1:4] for row in section("docs/architecture.md", "## Where do I go?").splitlines()[3:]
    ]
    assert [cells for cells in rows if len(cells) == 3 and not all(cell.strip() for cell in cells)] == []
    asked = (
        "Spanish sentence",
        "language",
        "message to a campaign",
        "state's test",
        "disagree",
        "look of the report",
    )
    more = ("small-group limit", "way to send", "page for staff", "column", "timed job")
    answers = " · ".join(row[0] for row in rows if row)
    assert [task for task in asked + more if task not in answers] == []


def test_ci_runs_the_readme_test_command() -> None:
    assert "\n    make test\n" in text("README.md")
    assert [line for line in text(".ci/run").splitlines() if "make" in line] == ["exec make test"]
    assert "set -eu" in text(".ci/run")
    assert "run: make test" in text(".github/workflows/test.yml")


def test_every_decision_is_listed_and_has_its_parts() -> None:
    pages = sorted(path for path in files() if re.match(r"docs/decisions/\d{4}-", path))
    listed = re.findall(r"\]\((\d{4}-[a-z-]+\.md)\)", text("docs/decisions/README.md"))
    assert [path.rpartition("/")[2] for path in pages] == listed
    parts = ("## Context", "## Decision", "## Consequences")
    assert [path for path in pages if not all(part in text(path) for part in parts)] == []
