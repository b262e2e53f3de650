"""The way out that stands in every e-mail: an address made from the message itself, so that nothing is kept for it.

Whoever wants to stop messages must always be able to: the address of a message is the same however often the message
was handed over, shows nothing about a child, and works as long as the ledger has the message.
"""

from __future__ import annotations

import hmac

from sqlalchemy import Connection

from campaign.store import messages
from campaign.store.messages import Addressee

# Hexadecimal digits after the id of the message: 128 bits that only the installation can make.
_PROOF_LENGTH = 32
TOKEN_LENGTH = 32 + _PROOF_LENGTH


def token(public_id: str, secret_key: str) -> str:
    """The token of a message's way out. The provider, who knows `public_id`, cannot make it."""
    return public_id + _proof(public_id, secret_key)


def addressee(connection: Connection, token: str, secret_key: str) -> Addressee | None:
    """Who was written to in the message of this token; None for any other token."""
    public_id, proof = token[:-_PROOF_LENGTH], token[-_PROOF_LENGTH:]
    if not hmac.compare_digest(proof.encode(), _proof(public_id, secret_key).encode()):
        return None
    return messages.addressee(connection, public_id)


def _proof(public_id: str, secret_key: str) -> str:
    """HMAC-SHA256 of the message's id and what it is for."""
    return hmac.digest(secret_key.encode(), f"way out of {public_id}".encode(), "sha256").hex()[
        :_PROOF_LENGTH
    ]
