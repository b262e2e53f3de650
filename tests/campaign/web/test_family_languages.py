"""The language of the family's page: asked for, the browser's, the family's own; and kept while the page is open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.app import create_app
from campaign.database import transaction
from content.languages import languages
from tests.campaign.families import allow_drafts
from tests.campaign.web.family_visits import BORN, issue, send, value
from tests.web_pages import Clock, page_settings


@pytest.fixture
def visitor(engine: Engine, tmp_path: Path) -> FlaskClient:
    """In a district that lets drafts of all languages out; the one beside it lets out Spanish alone."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("DELETE FROM report"))
        for language in set(languages()) - {"en", "es"}:
            allow_drafts(connection, 1, language)
    settings = page_settings(tmp_path)
    settings = replace(settings, languages=replace(settings.languages, offered=list(languages())))
    return create_app(settings, engine=engine, clock=Clock()).test_client()


@pytest.mark.parametrize(
    ("asked", "browser", "spoken"),
    [
        ("", "", ["en-US", "es-US"]),
        ("", "en-US,en;q=0.9", ["en-US", "es-US"]),
        ("", "en-US,ko;q=0.5", ["en-US", "ko"]),
        ("", "ar-EG,ar;q=0.9,en;q=0.5", ["ar", "en-US"]),
        ("", "fil-PH", ["fil", "en-US"]),
        ("", "fr-FR", ["en-US", "es-US"]),
        ("ur", "ar", ["ur"]),
        ("pt-BR", "", ["pt-BR"]),
        ("xx", "zh-CN", ["zh-Hans", "en-US"]),
        ('"><script>', "", ["en-US", "es-US"]),
    ],
)
def test_the_door_speaks_as_asked_and_else_as_the_browser(
    visitor: FlaskClient, engine: Engine, asked: str, browser: str, spoken: list[str]
) -> None:
    page = visitor.get(
        f"/r/{issue(engine)}", query_string={"language": asked}, headers={"Accept-Language": browser}
    )
    assert "<script>" not in page.text
    head, _, main = page.text.partition("<main")
    assert [
        tag for tag in (one.tag for one in languages().values()) if f'<span lang="{tag}"' in main
    ] == sorted(spoken, key=[one.tag for one in languages().values()].index)
    assert f'<html lang="{spoken[0]}" dir="{"rtl" if spoken[0] in {"ar", "ur"} else "ltr"}">' in head
    assert all(one.name in head for one in languages().values()), "every language is offered by its own name"


def test_the_door_is_the_same_whatever_the_family_speaks(visitor: FlaskClient, engine: Engine) -> None:
    pages = []
    for tag in ("ar", "vi", None):
        with transaction(engine, ENGINE) as connection:
            connection.execute(text("UPDATE contact SET written_language = :tag WHERE id = 1"), {"tag": tag})
        pages.append(visitor.get(f"/r/{issue(engine)}").text.partition("<main")[2])
    assert len(set(pages)) == 1


def test_a_language_is_kept_while_the_page_is_open(visitor: FlaskClient, engine: Engine) -> None:
    visitor.post(f"/r/{issue(engine)}?language=vi", data=BORN)
    assert '<html lang="vi"' in visitor.get("/family").text
    assert '<html lang="ko"' in visitor.get("/family?language=ko").text
    assert '<html lang="ko"' in visitor.get("/family/interpreter").text
    assert '<html lang="ko"' in visitor.get("/family?language=nonsense").text
    assert value(engine, "SELECT language FROM family_session") == "ko"


@pytest.mark.parametrize(
    ("tag", "spoken"), [("fil", "fil"), ("zh-Hant", "zh-Hans"), ("hmn", "en-US"), (None, "en-US")]
)
def test_without_a_choice_the_page_speaks_the_familys_own(
    visitor: FlaskClient, engine: Engine, tag: str | None, spoken: str
) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE contact SET written_language = :tag WHERE id = 1"), {"tag": tag})
    visitor.post(f"/r/{issue(engine)}", data=BORN)
    assert f'<html lang="{spoken}"' in visitor.get("/family").text


def test_only_languages_with_a_report_are_offered_beside_it(reader: FlaskClient) -> None:
    page = reader.get("/family").text
    assert [name for name in ("English", "Español", "العربية") if f">{name}</a>" in page] == [
        "English",
        "Español",
    ]


def correct(engine: Engine, change: str) -> None:
    """A new version of Ana's report, with the old one kept."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                f"""
                WITH old AS (UPDATE report SET superseded_at = now() WHERE superseded_at IS NULL RETURNING *)
                INSERT INTO report (district_id, student_id, number, version, language, comparison_ids, content_hash,
                                    contract, created_at)
                SELECT district_id, student_id, number || '-next', version + 1, language, comparison_ids, 'new',
                       jsonb_set(jsonb_set(contract, '{{version}}', to_jsonb(version + 1)), {change}), now()
                FROM old
                """
            )
        )


CORRECTED = "There is a newer report"


def test_a_correction_is_told_once_to_who_saw_the_report_before(reader: FlaskClient, engine: Engine) -> None:
    send(reader, "/family", "/family/belief", skip="1")
    assert CORRECTED not in reader.get("/family?language=en").text
    correct(engine, """'{subjects,0,rows,0,says}', '"A"'""")
    assert [CORRECTED in reader.get("/family?language=en").text for _ in range(2)] == [True, False]


def test_what_is_no_correction_is_not_called_one(reader: FlaskClient, engine: Engine) -> None:
    send(reader, "/family", "/family/belief", skip="1")
    reader.get("/family?language=en")
    correct(engine, """'{steps,0}', '"Talk by Friday."'""")
    assert CORRECTED not in reader.get("/family?language=en").text


def test_who_looks_for_the_first_time_is_told_of_no_older_report(reader: FlaskClient, engine: Engine) -> None:
    send(reader, "/family", "/family/belief", skip="1")
    correct(engine, """'{subjects,0,rows,0,says}', '"A"'""")
    assert CORRECTED not in reader.get("/family?language=en").text


@pytest.mark.parametrize("path", ["report.pdf", "report-large.pdf", "report.txt"])
def test_in_no_form_comes_the_report_before_the_question(reader: FlaskClient, path: str) -> None:
    assert reader.get(f"/family/{path}").status_code == 303


def test_the_report_in_other_forms(reader: FlaskClient) -> None:
    send(reader, "/family", "/family/belief", skip="1")
    large = reader.get("/family/report-large.pdf?language=es")
    assert large.data.startswith(b"%PDF-1.7")
    plain = reader.get("/family/report.txt?language=es")
    assert plain.content_type == "text/plain; charset=utf-8"
    assert "Ana" in plain.text
    names = [answer.headers["Content-Disposition"] for answer in (large, plain)]
    assert not [name for name in names if "Ana" in name or "Abrego" in name]
    assert [name.rpartition('"')[0][-4:] for name in names] == [".pdf", ".txt"]
