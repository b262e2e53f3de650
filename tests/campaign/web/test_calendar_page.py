"""The staff page Calendar: the year as months, days added, changed, removed and taken back, files looked at first."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.school_year import calendar_file
from tests.campaign.web.family_visits import form_token, value
from tests.campaign.web.sending import words_of

SignIn = Callable[[str], FlaskClient]
DAYS = (
    "SELECT string_agg(day || ' ' || kind || coalesce(' ' || title, ''), '; ' ORDER BY day, kind) "
    "FROM calendar_day WHERE district_id = 1"
)
ACTIONS = "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_entry"
ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20261126
DTEND;VALUE=DATE:20261128
SUMMARY:Thanksgiving <break>
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART:20261111T040000Z
SUMMARY:Report cards go home
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART;VALUE=DATE:20261118
SUMMARY:Board meeting
END:VEVENT
END:VCALENDAR
"""


def send(client: FlaskClient, path: str, **fields: object) -> tuple[int, str]:
    token = form_token(client.get("/staff/calendar"))
    answer = client.post(
        f"/staff/calendar{path}", data={"csrf_token": token, **fields}, follow_redirects=True
    )
    return answer.status_code, answer.text


def look(client: FlaskClient, content: str, name: str = "year.ics") -> tuple[int, str]:
    return send(client, "/look", file=(io.BytesIO(content.encode()), name))


def test_days_are_added_changed_removed_and_taken_back(signed_in: SignIn, engine: Engine) -> None:
    client = signed_in("district@example.org")
    assert "No days in this year yet" in client.get("/staff/calendar").text
    status, page = send(client, "/days", first="2026-11-10", kind="report_card", title="Quarter  1")
    assert (status, "Kept." in page) == (200, True)
    send(client, "/days", first="2026-11-26", last="2026-11-27", kind="holiday", title="")
    assert value(engine, DAYS) == "2026-11-10 report_card Quarter 1; 2026-11-26 holiday; 2026-11-27 holiday"
    send(
        client,
        "/days",
        **{"was_first": "2026-11-10", "was_last": "2026-11-10", "was_kind": "report_card"},
        **{"first": "2026-11-17", "kind": "report_card", "title": "Quarter 1"},
    )
    _, page = send(client, "/remove", first="2026-11-26", last="2026-11-27", kind="holiday")
    assert "Removed “No school”, 2026-11-26 to 2026-11-27" in page
    assert value(engine, DAYS) == "2026-11-17 report_card Quarter 1"
    newest = value(engine, "SELECT max(id) FROM calendar_change")
    assert "Taken back." in send(client, f"/undo/{newest}")[1]
    assert value(engine, DAYS) == "2026-11-17 report_card Quarter 1; 2026-11-26 holiday; 2026-11-27 holiday"
    assert "Somebody has changed the calendar since." in send(client, f"/undo/{newest}")[1]
    send(client, f"/undo/{newest - 1}")
    assert value(engine, DAYS) == "2026-11-10 report_card Quarter 1; 2026-11-26 holiday; 2026-11-27 holiday"
    assert value(engine, ACTIONS) == " ".join(["calendar_changed"] * 4 + ["calendar_change_undone"] * 2)


def test_the_year_shows_kinds_by_letter_and_the_messages_that_hang_on_days(signed_in: SignIn) -> None:
    client = signed_in("district@example.org")
    send(client, "/days", first="2026-11-10", kind="report_card", title="Quarter 1")
    page = client.get("/staff/calendar").text
    assert page.count('<table class="cal-month">') == 12
    assert '<td class="cal--report_card" title="Report cards, Quarter 1; 1 message">' in page
    assert '<b aria-hidden="true">R</b>' in page
    shown = words_of(page)
    assert "Nov 6 Fri 17:30 heads up Go Beyond Grades" in shown
    assert "Nov 10 Tue 17:30 report ready" in shown
    assert "Nov 14 Sat 10:00 tip" in shown
    assert "No day of the kind “Test results”" in shown
    assert "heads up" not in words_of(client.get("/staff/calendar?year=2025").text)


def test_a_file_is_looked_at_before_a_person_takes_it_in(signed_in: SignIn, engine: Engine) -> None:
    client = signed_in("district@example.org")
    send(client, "/days", first="2026-08-20", kind="first_day", title="")
    status, page = look(client, ICS)
    shown = words_of(page)
    assert (status, "Nothing has been kept yet." in shown) == (200, True)
    # The evening moment in UTC is 10 November in the installation's zone.
    assert "Report cards go home Nov 10, 2026 1" in shown
    assert "Thanksgiving &lt;break&gt;" in page
    assert '<option value="holiday" selected>' in page
    assert value(engine, DAYS) == "2026-08-20 first_day"
    sent = (
        page.split('name="sent" value="')[1]
        .split('"')[0]
        .replace("&#34;", '"')
        .replace("&lt;", "<")
        .replace("&gt;", ">")
    )
    form = {"sent": sent, "name": "year.ics", "kind-0": "report_card", "kind-1": "holiday", "kind-2": ""}
    assert "Taken in." in send(client, "/take", how="add", **form)[1]
    assert value(engine, DAYS) == (
        "2026-08-20 first_day; 2026-11-10 report_card Report cards go home; "
        "2026-11-26 holiday Thanksgiving <break>; 2026-11-27 holiday Thanksgiving <break>"
    )
    send(client, "/take", how="replace", **form)
    assert "first_day" not in value(engine, DAYS)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        ("hello", "year.ics", "year.ics: cannot be read as iCalendar"),
        ("day,kind\n2026-11-10,party\n", "year.csv", "year.csv, line 2: kind: &#39;party&#39; is not known"),
        ("[[day]", "year.toml", "year.toml: cannot be read as TOML"),
    ],
)
def test_a_broken_file_is_refused_with_file_line_and_remedy(
    signed_in: SignIn, engine: Engine, content: str, name: str, said: str
) -> None:
    status, page = look(signed_in("district@example.org"), content, name)
    assert (status, said in page) == (422, True)
    assert value(engine, DAYS) is None


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"first": "soon", "kind": "holiday"}, 422, "&#39;soon&#39; is not a day"),
        ({"first": "2026-11-10", "kind": "party"}, 422, "&#39;party&#39; is not known"),
        ({"first": "2026-11-10", "last": "2026-11-09", "kind": "holiday"}, 422, "must come after"),
    ],
)
def test_a_day_that_is_none_is_refused(
    signed_in: SignIn, engine: Engine, fields: dict[str, str], status: int, said: str
) -> None:
    found, page = send(signed_in("district@example.org"), "/days", **fields)
    assert (found, said in page) == (status, True)
    assert value(engine, DAYS) is None


def test_a_calendar_without_an_open_day_is_refused(signed_in: SignIn, engine: Engine) -> None:
    client = signed_in("district@example.org")
    send(client, "/days", first="2026-11-10", kind="report_card", title="")
    send(client, "/days", first="2026-09-01", last="2027-08-30", kind="holiday", title="")
    status, page = send(client, "/days", first="2027-08-31", last="2028-08-20", kind="holiday", title="")
    assert (status, "Nothing was kept: the calendar has no" in page) == (422, True)


def test_what_is_saved_comes_in_again(signed_in: SignIn, engine: Engine, tmp_path: Path) -> None:
    client = signed_in("district@example.org")
    send(client, "/days", first="2026-11-26", last="2026-11-27", kind="holiday", title="Día, “libre”")
    table = tmp_path / "year.csv"
    table.write_bytes(client.get("/staff/calendar.csv").data)
    assert [(str(day), kind, title) for day, kind, title in calendar_file.read(table)] == [
        ("2026-11-26", "holiday", "Día, “libre”"),
        ("2026-11-27", "holiday", "Día, “libre”"),
    ]
    answer = client.get("/staff/calendar.ics")
    assert answer.mimetype == "text/calendar"
    assert "Nov 26, 2026 to Nov 27, 2026 2" in words_of(look(client, answer.text)[1])


def test_zones_of_the_district_and_its_schools(signed_in: SignIn, engine: Engine) -> None:
    client = signed_in("district@example.org")
    fields = {"district": "America/Phoenix", "school-1": "America/Denver", "school-2": "", "school-3": "Mars"}
    assert "Kept." in send(client, "/zones", **fields)[1]
    zones = "SELECT string_agg(coalesce(time_zone, '-'), ' ' ORDER BY id) FROM school"
    assert value(engine, zones) == "America/Denver - -"
    assert value(engine, "SELECT time_zone FROM district WHERE id = 1") == "America/Phoenix"
    status, page = send(client, "/zones", district="Phoenix")
    assert (status, "Phoenix is no time zone" in page) == (422, True)
    assert value(engine, "SELECT time_zone FROM district WHERE id = 1") == "America/Phoenix"


def test_events_are_counted_with_what_came_too_late(signed_in: SignIn, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO event_watch (campaign_id, step, kind, district_id, since)
                VALUES (1, 'absence', 'absence', 1, '2026-11-01 15:00Z');
                INSERT INTO student_event (district_id, student_id, kind, source, on_day, happened_at, noticed_at)
                SELECT 1, n, 'absence', '2027:2026-11:5', '2026-11-02', now(), now() FROM generate_series(1, 3) n;
                INSERT INTO event_step (student_event_id, campaign_id, step, district_id, too_late, occurrence_id)
                SELECT n, 1, 'absence', 1, n > 1, CASE n WHEN 1 THEN 1 END FROM generate_series(1, 3) n
                """
            )
        )
    shown = words_of(signed_in("district@example.org").get("/staff/calendar").text)
    assert "absence Go Beyond Grades days missed, once a month Nov 1, 2026, 9:00 AM 0 1 2" in shown
    assert "days missed" not in signed_in("school@example.org").get("/staff/calendar").text
    assert "days missed, once" not in signed_in("elsewhere@example.org").get("/staff/calendar").text


@pytest.mark.parametrize("who", ["school@example.org", "teacher@example.org"])
def test_schools_see_the_year_and_do_not_change_it(signed_in: SignIn, engine: Engine, who: str) -> None:
    send(signed_in("district@example.org"), "/days", first="2026-11-10", kind="report_card", title="")
    client = signed_in(who)
    page = client.get("/staff/calendar").text
    assert "cal--report_card" in page
    assert "Bring in a calendar" not in page
    token = form_token(client.get("/staff/calendar"))
    fields = {"csrf_token": token, "first": "2026-11-10", "last": "2026-11-10", "kind": "report_card"}
    for path in ("days", "remove", "undo/1", "zones", "look", "take"):
        assert client.post(f"/staff/calendar/{path}", data=fields).status_code == 403
    assert value(engine, DAYS) == "2026-11-10 report_card"


def test_another_district_is_out_of_reach(signed_in: SignIn, engine: Engine) -> None:
    client = signed_in("elsewhere@example.org")
    token = form_token(client.get("/staff/calendar"))
    fields = {"csrf_token": token, "first": "2026-11-10", "kind": "holiday", "title": ""}
    client.post("/staff/calendar/days?district=maple", data=fields)
    assert value(engine, DAYS) is None
    assert value(engine, "SELECT count(*) FROM calendar_day WHERE district_id = 2") == 1


def test_a_term_of_school_days_is_monday_to_friday_and_a_single_saturday_is_one(
    signed_in: SignIn, engine: Engine
) -> None:
    client = signed_in("district@example.org")
    send(client, "/days", first="2026-11-02", last="2026-11-15", kind="school")
    send(client, "/days", first="2026-11-21", kind="school")
    days = "SELECT string_agg(to_char(day, 'FMDD'), ' ' ORDER BY day) FROM calendar_day"
    assert value(engine, days) == "2 3 4 5 6 9 10 11 12 13 21"
    _, page = look(client, "[[day]]\nfrom = 2027-01-04\nuntil = 2027-01-17\nkind = 'school'\n", "term.toml")
    assert "School day 10 days" in words_of(page)


def test_each_school_year_is_looked_at_by_itself(signed_in: SignIn) -> None:
    client = signed_in("district@example.org")
    for kind, day in (("report_card", "2026-11-10"), ("results", "2026-09-10"), ("holiday", "2027-11-25")):
        send(client, "/days", first=day, kind=kind)
    assert "“Report cards”: the steps" not in words_of(client.get("/staff/calendar").text)
    assert "“Report cards”: the steps" in words_of(client.get("/staff/calendar?year=2027").text)
    assert "Look at this" not in client.get("/staff/calendar?year=2025").text
