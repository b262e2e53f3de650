"""What staff read about contacts, stops and suppressed addresses."""

from __future__ import annotations

import re
from typing import NamedTuple

from campaign.contacts.contact_audit import ContactAudit, Kind
from campaign.store.consent import EVERYTHING, FREQUENCY, STUDENT, TOPIC
from campaign.store.suppressions import Why

# What is wrong with a contact, and what to do about it.
FAULTS = {
    Kind.NO_CONTACT: (
        "Student without a contact",
        "Ask the family for an e-mail address or a mobile number, and enter it in the school's system.",
    ),
    Kind.NO_ADDRESS: (
        "No e-mail and no mobile number",
        "Ask for one. Until then only a letter can reach this person.",
    ),
    Kind.WRONG_NUMBER: (
        "Somebody else has it",
        "Whoever answered says that they are not this family. Ask for the right one and correct it.",
    ),
    Kind.BOUNCED: (
        "Came back",
        "Nothing arrives here, says the provider. Ask whether it is right; then lift it under Suppressed addresses.",
    ),
    Kind.IMPOSSIBLE_EMAIL: (
        "E-mail address that cannot exist",
        "Correct it in the school's system. Where we guess what was meant, ask first.",
    ),
    Kind.INVALID_PHONE: (
        "Phone number that cannot get texts",
        "Correct it: ten digits, or + and the country's code. Numbers such as 800 belong to offices.",
    ),
    Kind.EMAIL_SLIP: (
        "E-mail address that looks like a slip",
        "Ask whether the proposed address is meant. We write to the one that stands here.",
    ),
    Kind.LANDLINE: (
        "Landline",
        "No text message arrives here. Ask for a mobile number or an e-mail address.",
    ),
    Kind.MISSING_LANGUAGE: (
        "Language not known",
        "Ask in which language the family wants to read. Until then it gets English with a line about interpreters.",
    ),
    Kind.LANGUAGE_WITHOUT_TEXT: (
        "No text in this language",
        "The family gets English with the line about a free interpreter. Offer one; a call may be better.",
    ),
    Kind.OTHER_SCRIPT: (
        "Reads the language in another script",
        "The family gets our text in the script we have (Simplified Chinese): nearer to it than English. Ask whether it"
        " reads that well; if not, offer an interpreter or a call.",
    ),
    Kind.DUPLICATE: (
        "Same person twice",
        "Join the two entries in the school's system, so that nobody gets everything twice.",
    ),
    Kind.NO_PHONE: (
        "Home without a phone number",
        "Ask for one. If messages and a letter stay without an answer, nobody can call this home.",
    ),
}

REASONS = {
    Why.COMPLAINT: "reported as spam",
    Why.WRONG_PERSON: "said on the page that the child is not theirs",
    Why.WRONG_NUMBER: "answered that the number is somebody else's",
    Why.HARD_BOUNCE: "does not exist, says the provider",
    Why.INVALID: "is no address, says the provider",
    Why.LANDLINE: "is a landline, says the provider",
    Why.STAFF: "closed by staff",
    Why.ASKED: "asked for no more messages",
    Why.BLOCKED: "refused for a while",
    Why.SOFT_BOUNCE: "could not take it for the moment",
}

ACTIONS = {
    "granted": "Wants messages",
    "revoked": "Wants no messages",
    "unclear": "A person must read this",
    "limited": "Wants fewer messages",
    "undone": "Taken back",
}
TONES = {"granted": "at", "revoked": "not-yet", "unclear": "close", "limited": "close"}

SOURCES = {
    "roster": "enrolled with the first message",
    "family_page": "on the family's page",
    "one_click": "with the button of the mail program",
    "staff": "told to staff",
    "reply": "in an answer to a message",
    "import": "from a list of another system",
    "provider": "told by the provider",
}

CHANNELS = {
    "email": "E-mail",
    "sms": "Text messages",
    "letter": "Letters",
    "call": "Phone calls",
    "all": "All channels",
}

TOLD = {
    "kept": ("success", "Noted. It holds from now on."),
    "nothing_new": ("info", "This was noted before; nothing changed."),
    "undone": ("success", "Taken back. What held before holds again; the history keeps both."),
    "changed": ("warning", "Nothing was done: it has changed since you saw it. Look at the history."),
    "incomplete": ("error", "Write what the person said, and choose at least one channel."),
    "lifted": ("success", "Lifted. Messages may go there again."),
    "put_back": ("success", "Put back. Nothing goes there."),
    "no_reason": ("error", "Write why the address is right again."),
    "audit_kept": ("success", "Kept. The next look shows what has changed since."),
    "overridden": ("success", "Noted with the name and the reason. Campaigns may begin."),
    "override_refused": ("error", "Write the name of the person who answers for it, and why it should begin now."),
    "withdrawn": ("success", "Taken back. Campaigns wait until enough households are in reach."),
}  # fmt: skip


def about(scope: str, campaigns: dict[str, str], children: dict[int, str]) -> str:
    """What a choice is about."""
    if scope == EVERYTHING:
        return "all messages"
    if scope == FREQUENCY:
        return "how often"
    if scope.startswith(STUDENT):
        number = scope.removeprefix(STUDENT)
        return f"messages about {children.get(int(number), 'a child of another school')}"
    if scope.startswith(TOPIC):
        return f"messages of the kind “{scope.removeprefix(TOPIC).replace('_', ' ')}”"
    return f"the campaign {campaigns.get(scope, scope)}"


# The list for the school office.
COLUMNS = ("what_is_wrong", "school", "student", "contact", "stands_there", "probably_meant", "what_to_do")


def csv_rows(found: ContactAudit) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for one in found.findings:
        what, remedy = FAULTS[one.kind]
        rows.append((what, one.school or "", one.student, one.contact, one.value, one.proposal, remedy))
    return rows


class Notice(NamedTuple):
    """Which text of a first message told somebody how to stop."""

    message: str
    version: str
    language: str


_NOTICE = re.compile(r"notice in message \S+: (\S+) version (\d+), ([\w-]+), ")


def notice(words: str) -> Notice | None:
    """What the ledger keeps of the text that enrolled a contact, as its parts."""
    found = _NOTICE.match(words)
    return Notice(*found.groups()) if found else None
