"""Links on paper: one for each copy of a report, worked out anew for each drawing instead of being remembered.

A sheet that is drawn twice must carry the same link, or it would not be the same file; yet the store keeps no token.
So the token is HMAC-SHA256, under the installation's secret key, of what the copy is: report number, version and
adult. Whoever has the store alone can work out no link; docs/decisions/ says what else was weighed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from campaign.links import PRINT_LETTERS, PRINT_TOKEN_LETTERS, Purpose, fingerprint, grouped
from campaign.store import links as store


@dataclass(frozen=True)
class Copy:
    """One sheet for one adult. `ended` counts the links for paper that were ended for this adult."""

    district_id: int
    student_id: int
    contact_id: int
    report: str
    ended: int


def token(copy: Copy, secret_key: str) -> str:
    """140 bits as letters and digits that are not taken for one another, in groups of four, to be typed."""
    sheet = f"print link|{copy.report}|{copy.contact_id}|{copy.ended}"
    digest = hmac.new(secret_key.encode(), sheet.encode(), hashlib.sha256).digest()
    bits = int.from_bytes(digest, "big")
    letters = [PRINT_LETTERS[(bits >> 5 * place) & 31] for place in range(PRINT_TOKEN_LETTERS)]
    return grouped("".join(letters))


def issue(
    connection: Connection, copies: Sequence[Copy], secret_key: str, now: datetime, days: int
) -> list[str]:
    """Make the links of these copies work for `days` from now; their tokens in the order of `copies`.

    A link that is there already works on; one that was ended stays ended. Of each adult's links to a student the two
    newest work.
    """
    tokens = [token(copy, secret_key) for copy in copies]
    values = [
        {
            "district_id": copy.district_id,
            "student_id": copy.student_id,
            "contact_id": copy.contact_id,
            "token_sha256": fingerprint(made),
            "purpose": Purpose.PRINT,
            "created_at": now,
            "expires_at": now + timedelta(days=days),
        }
        for copy, made in zip(copies, tokens, strict=True)
    ]
    if values:
        store.revoke_older(connection, store.add_or_prolong(connection, values), now)
    return tokens
