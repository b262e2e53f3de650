"""The one text that goes back to whoever stopped, started or asked for help, in the family's own language."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, text

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


def text_message(
    connection: Connection, key: str, number: str, texts_of: Callable[[int | None], Texts], installation: str
) -> str:
    """The text for `key` (see `consent.Heard`) to this number; in English, from the whole `installation`, to a number
    that nobody knows."""
    address = suppressions.normal("sms", number)
    contacts = ledger.with_address(connection, "sms", address) if address else []
    who = connection.execute(_WHO, {"contacts": contacts, "english": ENGLISH}).first()
    if who is None:
        return consent.confirmation_text(texts_of(None), key, ENGLISH, installation)
    return consent.confirmation_text(texts_of(who.district_id), key, who.language, shortened(who.school))
