"""The application for tests of its pages: each has one of its own, and the templates are compiled once a process."""

from __future__ import annotations

from types import CodeType

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine

from campaign.app import create_app
from campaign.settings import Settings
from tests.web_pages import Clock


class _Compiled(BytecodeCache):
    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _Compiled()


def application(settings: Settings, engine: Engine, clock: Clock) -> Flask:
    """The application as it ships, which compiles no template that another one has compiled."""
    app = create_app(settings, engine=engine, clock=clock)
    app.jinja_env.bytecode_cache = _COMPILED
    return app
