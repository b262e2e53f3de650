"""A district whose families all have one e-mail to get now: made inside the database, the same for each contender."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, text

from campaign import settings
from campaign.access import ENGINE
from campaign.database import transaction
from campaign.definitions.definition import load_all
from campaign.dispatch.delivery import Delivery
from campaign.senders.contract import MailIdentity
from campaign.senders.sendgrid import SendGridSender
from campaign.settings import Settings
from campaign.store import occurrences
from content import catalog

# A Tuesday, 9:45 in Chicago.
NOW = datetime(2026, 11, 10, 15, 45, tzinfo=UTC)
DAY = date(2026, 11, 10)
IDENTITY = MailIdentity("families@example.org", "Go Beyond Grades")
KEY = "SG.simulated.key"
STEP = "report_ready"

_PEOPLE = """
    INSERT INTO district (code, name, time_zone) VALUES ('made-up', 'Made-up', 'America/Chicago');
    INSERT INTO school (district_id, source_id, name) SELECT 1, n::text, 'School ' || n FROM generate_series(1, 20) n;
    INSERT INTO calendar_day (district_id, day, kind) VALUES (1, '2026-11-10', 'report_card');
    INSERT INTO student (district_id, school_id, given_name, family_name, birth_date, grade_level, home_language)
    SELECT 1, 1 + n % 20, 'Child' || n, 'Name', date '2016-05-04', 5, 'en' FROM generate_series(1, :families) n;
    INSERT INTO contact (district_id, source_id, given_name, family_name, email, written_language, address_line, city,
                         postal_code)
    SELECT 1, n::text, 'Adult' || n, 'Name', 'adult' || n || '@example.org', 'en', n || ' Oak St', 'Lakeside', '60601'
    FROM generate_series(1, :families) n;
    INSERT INTO student_contact (student_id, contact_id, relation, may_receive, lives_with)
    SELECT n, n, 'parent', true, true FROM generate_series(1, :families) n;
    INSERT INTO comparison (district_id, student_id, subject, version, category, rules, explanation, inputs_hash,
                            computed_at)
    SELECT 1, n, subject, 1, 'MATCH_AT', '{}', '{}', 'x', CAST(:made AS timestamptz)
    FROM generate_series(1, :families) n, unnest(ARRAY['math', 'reading']) subject;
    INSERT INTO report (district_id, student_id, number, version, language, comparison_ids, content_hash, contract,
                        created_at)
    SELECT 1, n, 'R' || n, 1, 'en', '{}', 'x', '{}', CAST(:made AS timestamptz) FROM generate_series(1, :families) n
"""
_EMPTY = "TRUNCATE message, message_tally, attempt, family_link, consent_event, provider CASCADE"
# Half of the families have had a message before.
_ENROLLED = """
    INSERT INTO consent_event (district_id, contact_id, channel, scope, action, source, at)
    SELECT 1, n, 'email', 'all', 'granted', 'roster', CAST(:made AS timestamptz)
    FROM generate_series(1, :messages, 2) n
"""
_MESSAGES = """
    INSERT INTO message (public_id, district_id, campaign_id, occurrence_id, step, contact_id, student_ids, household,
                         channel, language, template, template_version, template_hash, dedupe_key, state, due_at,
                         expires_at, planned_at)
    SELECT md5('message ' || n), 1, c.id, o.id, :step, n, ARRAY[n], 'home:' || n, 'email', 'en', :step, 1, '',
           'key ' || n, 'planned', CAST(:now AS timestamptz) - interval '15 minutes',
           CAST(:now AS timestamptz) + interval '2 days', CAST(:now AS timestamptz)
    FROM campaign c JOIN occurrence o ON o.campaign_id = c.id, generate_series(1, :messages) n
"""


def settings_in(home: Path, host: str) -> Settings:
    """The shipped settings, with SendGrid at `host`."""
    shipped = settings.load(settings.SHIPPED_CONFIG, {"GBG_HOME": str(home), "GBG_SECRET_KEY": "k" * 32})
    mail = replace(shipped.mail, sender="sendgrid", sendgrid_host=host)
    return replace(shipped, mail=mail, campaign=replace(shipped.campaign, approvals=0))


def delivery(engine: Engine, home: Path, host: str, owner: str) -> Delivery:
    sender = SendGridSender(KEY, IDENTITY, lambda _: [], host)
    return Delivery(engine, settings_in(home, host), catalog.load(), sender, tuple(load_all()), owner)


def load(engine: Engine, families: int) -> None:
    """People, their reports, and the day's occurrence; their foreign keys are right by construction."""
    values = {"families": families, "made": NOW - timedelta(days=11)}
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in _PEOPLE.split(";"):
            connection.execute(text(statement), values)
    definition = next(one for one in load_all() if STEP in one.steps)
    with transaction(engine, ENGINE) as connection:
        campaign_id = occurrences.ensure_campaign(connection, 1, definition.slug, definition.title)
        document = dict(definition.document)
        revision = occurrences.ensure_revision(
            connection, campaign_id, 1, definition.content_hash, document=document, now=NOW
        )
        connection.execute(
            text(
                "INSERT INTO occurrence (campaign_revision_id, campaign_id, district_id, step, day, due_at,"
                " expires_at, planned_at) VALUES (:revision, :campaign, 1, :step, :day, :now, :end, :now)"
            ),
            {"revision": revision, "campaign": campaign_id, "step": STEP, "day": DAY, "now": NOW}
            | {"end": NOW + timedelta(days=2)},
        )


def begin_anew(engine: Engine, messages: int) -> None:
    """So many messages to be sent, and nothing sent before."""
    values = {"messages": messages, "made": NOW - timedelta(days=11), "now": NOW, "step": STEP}
    with engine.begin() as connection:
        connection.execute(text(_EMPTY))
        connection.execute(text(_ENROLLED), values)
        connection.execute(text(_MESSAGES), values)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
