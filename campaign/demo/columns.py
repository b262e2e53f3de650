"""Columns of the exports that the made-up district writes, from `columns.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def _document() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("campaign.demo").joinpath("columns.toml").read_text(encoding="utf-8"))


def oneroster(version: str) -> dict[str, list[str]]:
    """File name without ending → its columns, for version "1.1" or "1.2"."""
    return {
        name: ["sourcedId", "status", "dateLastModified", *columns.split()]
        for name, columns in _document()[version].items()
    }


def staar() -> list[str]:
    """The columns of a STAAR summative file that the made-up district fills or leaves blank, in order."""
    return _document()["staar"]["plain"].split()


def map_growth() -> list[str]:
    """The 143 columns of a MAP Growth export, in order."""
    words = {key: text.split() for key, text in _document()["map_growth"].items()}
    return [
        *words["plain"],
        *(span + growth for span in words["spans"] for growth in words["growth"]),
        *words["measures"],
        *(f"Goal{i}{part}" for i in range(1, 9) for part in words["goal"]),
        *(f"Typical{span}Growth" for span in words["spans"]),
        *(f"ProjectedProficiency{part}{i}" for i in range(1, 11) for part in ("Study", "Level")),
    ]
