"""What staff read about rows whose student is not certain."""

from __future__ import annotations

from campaign.identity.identities import Decision, Told
from campaign.identity.names import Confidence

STATES = {
    "open": "To decide",
    "waiting": "Put off",
    "accepted": "Accepted by name",
    "decided": "Decided",
}

EMPTY = {
    "waiting": "No case was put off.",
    "accepted": "No row was matched by name alone.",
    "decided": "Nobody has decided anything yet.",
}

KINDS = {
    "name": "Only name and birth date fit",
    "second_id": "Another id than the one we have",
    "two_students": "Ids of two students",
    "said_twice": "Two rows of the file contradict each other",
}

REASONS = {
    "name": "No id in the row is known here, but the birth date and the name fit.",
    "second_id": "One id in the row is this student's; another id differs from the one we have.",
    "two_students": "The ids in the row belong to different students.",
    "said_twice": "Another row of the same file gives the same id together with a different one.",
}

DECISIONS = {
    Decision.SAME: "Decided: the same student",
    Decision.REPLACE: "Decided: the same student, with a new id",
    Decision.ANOTHER: "Decided: another student",
}

TOLD = {
    Told.DECIDED: "Your decision is kept, for this row and for every later one that says the same.",
    Told.WAITING: "Put off. It waits under “Put off”.",
    Told.TAKEN_BACK: "Taken back: what came in by it is gone, and the case is open again.",
    Told.CHANGED: "Nothing was done: the case has changed since you saw it. Look at it again.",
}

CONFIDENCES = {
    Confidence.HIGH: "same name and grade",
    Confidence.MEDIUM: "same name in other words, or another grade",
    Confidence.LOW: "names alike: twins, or misspelt",
}

_SYSTEMS = {"state": "State id", "local": "Local id", "edfi": "Ed-Fi id", "oneroster": "OneRoster id"}


def id_system(code: str) -> str:
    """A system of ids: "oneroster:SIS A" → "OneRoster id (SIS A)"."""
    kind, _, issuer = code.partition(":")
    name = _SYSTEMS.get(kind, f"{kind} id")
    return f"{name} ({issuer})" if issuer else name
