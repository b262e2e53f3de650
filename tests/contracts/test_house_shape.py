"""Files and functions stay small, room names say whose work it is, and nothing foreign lies in the tree."""

from __future__ import annotations

import ast
import re

import pytest

from tests.contracts.tree import ROOT, files, python_files, syntax, text

# One worker reads and parses the whole project once.
pytestmark = pytest.mark.xdist_group("house")

LONGEST_FILE = 300
LONGEST_FUNCTION = 50
LARGEST_FILE_BYTES = 1_000_000
NAMELESS = {"utils", "util", "helpers", "helper", "common", "core", "services", "models", "misc"}
# A migration is a list of columns, not a function that anyone follows.
MIGRATIONS = "campaign/migrations/versions/"
# Written in parts, so that this file does not hold what it looks for.
FOREIGN = re.compile(
    "|".join(
        [r"pypi\.(org|python)", r"python" + "hosted", r"registry\.npm" + r"js", r"deb\.debian\." + "org"]
        + [rf"(?<![\w.])/{top}/(?=\w)" for top in ("work", "root", "home", "Users")]
    )
)


def test_no_python_file_is_long() -> None:
    lines = {path: text(path).count("\n") for path in python_files()}
    assert {path: count for path, count in lines.items() if count > LONGEST_FILE} == {}


def test_no_function_is_long() -> None:
    long = {
        f"{path}:{node.name}": length
        for path in python_files()
        if not path.startswith(MIGRATIONS)
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


def test_no_room_is_called_by_a_name_that_says_nothing() -> None:
    parts = {part.removesuffix(".py"): path for path in files() for part in path.split("/")}
    assert {name: parts[name] for name in NAMELESS & set(parts)} == {}


def test_no_file_is_large() -> None:
    large = [path for path in files() if (ROOT / path).stat().st_size > LARGEST_FILE_BYTES]
    assert large == []


def test_no_file_names_a_package_registry_or_a_place_of_one_machine() -> None:
    found = []
    for path in files():
        try:
            content = text(path)
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(content.splitlines(), 1):
            if match := FOREIGN.search(line):
                found.append(f"{path}:{number}: {match.group()}")
    assert found == []
