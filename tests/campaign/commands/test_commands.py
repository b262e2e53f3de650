"""What holds for every command: it is collected, it is short, and it says in one line why it cannot do its work."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from campaign import commands
from campaign.cli import COMMANDS, gbg
from tests.contracts.tree import python_files, syntax

LONGEST_COMMAND = 10


def defined() -> set[click.Command]:
    names = [f"{commands.__name__}.{module.name}" for module in pkgutil.iter_modules(commands.__path__)]
    values = [value for name in names for value in vars(importlib.import_module(name)).values()]
    return {value for value in values if isinstance(value, click.Command)}


def collected(group: click.Group) -> Iterator[click.Command]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield command
        if isinstance(command, click.Group):
            yield from collected(command)


def test_every_command_is_collected() -> None:
    found = defined()
    assert len(found) > 20
    assert {command.name for command in found - set(collected(gbg))} == set()


def test_the_list_of_commands_says_of_each_what_its_own_help_says() -> None:
    loaded = {name: gbg.get_command(click.Context(gbg), name) for name in COMMANDS}
    own = {name: command.get_short_help_str(1000) for name, command in loaded.items() if command}
    assert {name: text for name, (_, text) in COMMANDS.items()} == own


@pytest.mark.parametrize(
    "words",
    [["--version"], *([*name, "--help"] for name in ([], ["account"], ["run"], ["contacts"], ["letters"]))],
    ids=" ".join,
)
def test_help_loads_nothing_large(words: list[str]) -> None:
    loads = """
import sys, click
from campaign.cli import COMMANDS, gbg
gbg(sys.argv[1:], standalone_mode=False)
print("loaded", *sorted({"flask", "pandas", "scipy", "weasyprint"} & set(sys.modules)))
"""
    asked = subprocess.run([sys.executable, "-c", loads, *words], capture_output=True, text=True, check=True)
    assert asked.stdout.splitlines()[-1] == "loaded"


def test_a_command_is_a_few_lines_that_call_a_room() -> None:
    bodies = {
        f"{path}:{node.name}": node.body[1:]  # without the text of its help
        for path in python_files("campaign/commands")
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.FunctionDef) and node.name.endswith("_command")
    }
    lines = {name: (body[-1].end_lineno or 0) - body[0].lineno + 1 for name, body in bodies.items()}
    assert len(lines) > 20
    assert {name: count for name, count in lines.items() if count > LONGEST_COMMAND} == {}


def test_an_error_that_a_command_may_meet_is_one_line_and_status_1(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    result = CliRunner().invoke(gbg, ["made-up-district", "--out", str(tmp_path), "--students", "40"])
    assert result.exit_code == 1
    [line] = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    assert str(tmp_path) in line
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
