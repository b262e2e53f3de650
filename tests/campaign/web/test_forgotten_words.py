"""What pages show where words were deleted: on which day, after how long, and nothing of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.correspondence import forgetting
from campaign.correspondence.attachments import Attachment
from campaign.database import transaction
from tests.campaign.web.talks import act, wrote
from tests.web_pages import MORNING, page_settings

SignIn = Callable[[str], FlaskClient]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def test_a_thread_says_on_which_day_its_words_were_deleted(
    signed_in: SignIn, reader: FlaskClient, engine: Engine, tmp_path: Path
) -> None:
    thread = wrote(engine, tmp_path, "¿Puedo hablar?", attachments=[Attachment("nota.png", PNG)])
    with transaction(engine, ENGINE) as connection:
        note = {"student": 1, "said": '{"hope": "Que lea mucho"}', "at": MORNING}
        connection.execute(
            text(
                """
                INSERT INTO family_request (district_id, student_id, contact_id, kind, language, said, state, at)
                VALUES (1, :student, 1, 'note', 'es', CAST(:said AS jsonb), 'read', :at)
                """
            ),
            note,
        )
    client = signed_in("teacher@example.org")
    said = {"answer": "Yes, come", "language": "en", "confirmed": "1"}
    act(client, thread, "send", **said)
    assert "not here anymore" not in reader.get("/family/your-turn?language=en").text
    forgetting.forget(engine, page_settings(tmp_path), MORNING + timedelta(days=401))
    page = client.get(f"/staff/conversations/{thread}").text
    assert page.count("Words deleted on December 8, 2027, after 400 days, as this district has set.") == 3
    assert "deleted after its time" in page
    for gone in ("hablar", "Yes, come", "lea mucho", "nota", "The whole message", "Translate"):
        assert gone not in page
    assert client.get(f"/staff/conversations/{thread}/reply/1").status_code == 404
    assert client.get("/staff/conversations/files/1").status_code == 404
    request_page = client.get("/staff/families/1").text
    assert "Words deleted on December 8, 2027" in request_page
    assert "lea mucho" not in request_page
    page = reader.get("/family/your-turn?language=en").text
    assert "Older messages are not here anymore. The school deleted them on December 8, 2027." in page
    assert "Yes, come" not in page
    assert 'class="exchange"' not in page
