"""The faces of the program, each a blueprint of its own."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from flask import Blueprint

FACES = ("sign_in", "staff", "family", "partner", "hooks")


def all_blueprints() -> list[Blueprint]:
    present = [name for name in FACES if find_spec(f"campaign.web.{name}")]
    present = [name for name in present if find_spec(f"campaign.web.{name}.routes")]
    return [import_module(f"campaign.web.{name}.routes").blueprint for name in present]
