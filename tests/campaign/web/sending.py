"""Sending files to the import page, and what came of it."""

from __future__ import annotations

import io
import re
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from campaign import importing
from campaign.access import ENGINE
from campaign.database import transaction
from tests.web_pages import MORNING, page_settings

SCORES = b"colour,shape\nred,round\n"
ORGS = (
    b"sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n"
    b"d,,,Maple Valley,district,maple,\na,,,Alder Elementary,school,1,d\nx,,,,school,2,d\n"
)


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def send(
    client: FlaskClient, *files: tuple[str, bytes], to: str = "/staff/imports", **form: str
) -> TestResponse:
    field = "files" if to.endswith("imports") else "file"
    data = {field: [(io.BytesIO(content), name) for name, content in files], **form}
    return client.post(to, data=data, content_type="multipart/form-data")


def run_of(answer: TestResponse) -> int:
    assert answer.status_code == 303
    return int(answer.location.rsplit("/", 1)[1])


def work_off(engine: Engine, home: Path, run_id: int) -> None:
    importing.work_off(engine, page_settings(home), run_id, lambda: MORNING)


def one(engine: Engine, query: str) -> object:
    with transaction(engine, ENGINE) as connection:
        return connection.scalar(text(query))


def stored(home: Path) -> list[Path]:
    return sorted(path for path in (home / "uploads").rglob("*") if path.is_file())


def file_of(engine: Engine, run_id: int) -> int:
    return int(str(one(engine, f"SELECT max(id) FROM source_file WHERE import_run_id = {run_id}")))
