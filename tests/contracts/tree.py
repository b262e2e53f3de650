"""The project's own files, as the contracts read them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("campaign", "reports", "content")


@cache
def files() -> tuple[str, ...]:
    """Paths of all files that are in git or would be added, from the root, with `/` between the parts."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return tuple(sorted(path for path in set(listed) if (ROOT / path).is_file()))


def python_files(*folders: str) -> list[str]:
    """Python files below the folders; below the whole project when none is named."""
    starts = tuple(f"{folder}/" for folder in folders)
    return [path for path in files() if path.endswith(".py") and (not folders or path.startswith(starts))]


@cache
def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def syntax(path: str) -> ast.Module:
    return ast.parse(text(path), path)


@cache
def imports(path: str) -> tuple[tuple[int, str], ...]:
    """Line and full name of everything a file imports, also inside functions."""
    return tuple(_imports(path))


def _imports(path: str) -> Iterator[tuple[int, str]]:
    package = path.removesuffix(".py").removesuffix("/__init__").split("/")
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def is_in(name: str, module: str) -> bool:
    return name == module or name.startswith(f"{module}.")
