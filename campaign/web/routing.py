"""Addresses of views; making all of them ready would take most of the time the program needs to start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class Address(Rule):
    """An address whose building from values is made ready when it is first built, and not when the program starts."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        ready: list[Callable[..., tuple[str, str]]] = []
        make_ready = super()._compile_builder

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not ready:
                ready.append(make_ready(append_unknown))
            return ready[0](rule, **values)

        return build
