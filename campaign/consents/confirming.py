"""The one message that goes back to whoever stopped, started or asked for help, in the family's own language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection, Row, text

from campaign.consents import consent
from campaign.dispatch.writing import shortened
from campaign.store import consent as ledger
from campaign.store import suppressions
from campaign.wordings.texts import Texts
from campaign.wordings.wording import ENGLISH

_WHO = text(
    """
    SELECT c.district_id, coalesce(nullif(c.written_language, ''), nullif(s.home_language, ''), :english) AS language,
        coalesce(h.name, d.name) AS school
    FROM contact c JOIN district d ON d.id = c.district_id
    LEFT JOIN student_contact r ON r.contact_id = c.id LEFT JOIN student s ON s.id = r.student_id
    LEFT JOIN school h ON h.id = s.school_id
    WHERE c.id = ANY (:contacts) ORDER BY c.id, s.id LIMIT 1
    """
)


@dataclass(frozen=True)
class Confirmation:
    """The words, in this language (BCP 47)."""

    subject: str
    words: str = field(repr=False)
    language: str


def text_message(
    connection: Connection, key: str, number: str, texts_of: Callable[[int | None], Texts], installation: str
) -> str:
    """The text for `key` (see `consent.Heard`) to this number; in English, from the whole `installation`, to a number
    that nobody knows."""
    who = _who(connection, "sms", number)
    if who is None:
        return consent.confirmation_text(texts_of(None), key, ENGLISH, installation)
    return consent.confirmation_text(texts_of(who.district_id), key, who.language, shortened(who.school))


def mail(
    connection: Connection, key: str, address: str, texts_of: Callable[[int | None], Texts], installation: str
) -> Confirmation:
    """The same for an e-mail address, with a subject."""
    who = _who(connection, "email", address)
    texts = texts_of(who.district_id if who else None)
    language, school = (who.language, who.school) if who else (ENGLISH, installation)
    words = consent.confirmation_text(texts, key, language, school)
    subject = consent.confirmation_text(texts, consent.SUBJECT, language, school)
    return Confirmation(subject, words, consent.confirmation_language(texts, language))


def _who(connection: Connection, channel: str, written: str) -> Row[tuple[int, str, str]] | None:
    address = suppressions.normal(channel, written)
    contacts = ledger.with_address(connection, channel, address) if address else []
    return connection.execute(_WHO, {"contacts": contacts, "english": ENGLISH}).first()
