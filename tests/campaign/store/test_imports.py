"""What an import leaves behind for the questions that come after it."""

from __future__ import annotations

from sqlalchemy import Engine, text

from campaign.store import imports
from tests.web_pages import small_district


def test_after_an_import_the_planner_knows_the_tables(engine: Engine) -> None:
    small_district(engine)
    imports.tell_planner(engine)
    with engine.connect() as connection:
        counted = connection.execute(
            text("SELECT relname, reltuples FROM pg_class WHERE relname IN ('student', 'contact')")
        )
        assert sorted(tuple(row) for row in counted) == [("contact", 6), ("student", 7)]
