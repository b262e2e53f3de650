"""Tables of the program, one module a subject. Migrations create them; a test holds the two together."""

from campaign.schema import (
    access,
    approvals,
    classroom,
    comparisons,
    conversations,
    family_requests,
    identities,
    intake,
    messages,
    populations,
    programmes,
    publications,
    receipts,
    results,
    rosters,
    translations,
    triggers,
)
from campaign.schema.base import metadata

__all__ = [
    "access",
    "approvals",
    "classroom",
    "comparisons",
    "conversations",
    "family_requests",
    "identities",
    "intake",
    "messages",
    "metadata",
    "populations",
    "programmes",
    "publications",
    "receipts",
    "results",
    "rosters",
    "translations",
    "triggers",
]
