"""`python -m benchmarks` lists what can be measured; `python -m benchmarks NAME` measures it.

Each module of this folder is one benchmark: `main(arguments)` prints a table and returns its figures, which are
printed as one line of JSON at the end.
"""

from __future__ import annotations

import ast
import importlib
import json
import keyword
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def names() -> dict[str, str]:
    """Name and first docstring line of each benchmark, without importing it; a name Python reserves ends in _."""
    modules = (path for path in sorted(FOLDER.glob("*.py")) if not path.stem.startswith("_"))
    return {
        m.stem.rstrip("_"): (ast.get_docstring(ast.parse(m.read_text())) or "").partition("\n")[0]
        for m in modules
    }


def main(arguments: list[str]) -> None:
    known = names()
    if not arguments:
        for name, line in known.items():
            print(f"  make bench-{name:12s} {line}")
        return
    name, *rest = arguments
    if name not in known:
        sys.exit(f"There is no benchmark called {name}; there are: {', '.join(known)}")
    module = f"{name}_" if keyword.iskeyword(name) else name
    figures = importlib.import_module(f"benchmarks.{module}").main(rest)
    print(json.dumps({"benchmark": name, **figures}))


if __name__ == "__main__":
    main(sys.argv[1:])
