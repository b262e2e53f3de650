"""What staff read for what providers tell: statuses, causes with a remedy, and what came to the doors."""

from __future__ import annotations

from campaign.dispatch.receipts import Cause, Kind

STATUSES = {
    Kind.TAKEN: "With the provider",
    Kind.DEFERRED: "The other side said “later”; the provider tries again",
    Kind.SENT: "Handed to the phone company",
    Kind.DELIVERED: "Arrived",
    Kind.BLOCKED: "Refused this time",
    Kind.BOUNCED: "Came back",
    Kind.DROPPED: "Given up by the provider",
    Kind.COMPLAINED: "Arrived, and was called spam",
}

# What has no provider is told by people.
SENT = {"letter": "Posted: a person says so", "call": "Called: a person says so"}
NOTHING_TOLD = {"letter": "posted, and did not come back", "call": "called"}
GIVEN_UP = {"letter": "Not posted: given up", "call": "Not called: given up"}

# Why, and what to do.
CAUSES = {
    Cause.INVALID_ADDRESS: (
        "The e-mail address does not exist.",
        "Nothing is sent there any more. Ask the family for the right address and correct it in the school's system.",
    ),
    Cause.INVALID_NUMBER: (
        "The number does not exist.",
        "Nothing is sent there any more. Ask the family for the right number and correct it in the school's system.",
    ),
    Cause.LANDLINE: (
        "The number is a landline, which takes no text messages.",
        "Nothing is sent there any more. Ask for a mobile number or an e-mail address.",
    ),
    Cause.MAILBOX_FULL: (
        "The mailbox takes nothing at the moment.",
        "We wait a week. If it stays so, call the family.",
    ),
    Cause.PHONE_OFF: (
        "The phone was off or out of reach.",
        "We wait a week. If it stays so, call the family.",
    ),
    Cause.REFUSED_BY_RECEIVER: (
        "The other side refused it this time.",
        "We wait three days. If it happens to many, ask the provider.",
    ),
    Cause.FILTERED: (
        "A filter took it for spam.",
        "Nothing is wrong with the address. If it happens to many: check SPF, DKIM and DMARC, or the registration of"
        " your numbers (docs/operations.md, Providers).",
    ),
    Cause.TOO_FAST: (
        "More was sent than the phone company or mail service allows us.",
        "Ask the provider for a higher limit, or spread the campaign over more days.",
    ),
    Cause.TOO_LATE: (
        "It waited at the provider until its hours were over.",
        "Ask the provider for a higher rate, or begin earlier in the day.",
    ),
    Cause.COMPLAINT: (
        "The person told the mail service that it is spam.",
        "Nothing is sent there any more. Speak to the family in person.",
    ),
    Cause.STOPPED: (
        "The person stopped our messages at the provider.",
        "Respect it. Who wants them again texts START to the number, or says so to the school.",
    ),
    Cause.OUR_SETUP: (
        "Our account at the provider is not set up for it.",
        "Look at the provider's console, or ask the person who runs this program; then send again.",
    ),
    Cause.TECHNICAL: (
        "A technical fault at the provider or on the way.",
        "Look at the code beside it. If it happens to many, ask the provider.",
    ),
}

DOORS = {
    "taken": ("Events taken in", ""),
    "mail": ("E-mails from families", ""),
    "texts": ("Text messages from families", ""),
    "automatic": (
        "Answers written by machines, such as “I am away”",
        "They stand in the conversation and start no clock. What nobody can place is not shown.",
    ),
    "again": ("Told once more", "Normal: a provider repeats what it is not sure we heard. It had no effect."),
    "others": (
        "About messages that are not ours",
        "Normal where the account sends other mail, too. They are not kept.",
    ),
    "unreadable": ("Could not be read", "Look at the provider's own log of the webhook."),
    "stale": (
        "Refused: signed more than a day ago, or in the future",
        "Check the clock of this machine. If it is right, somebody tried to replay old events; nothing was changed.",
    ),
    "forged": (
        "Refused: not signed by the provider",
        "If genuine events are missing, check the keys (docs/operations.md, Providers). If not, somebody tried; nothing"
        " was changed.",
    ),
}
REFUSED = frozenset({"stale", "forged", "unreadable"})
PROVIDERS = {"sendgrid": "SendGrid", "twilio": "Twilio"}

# Shares of arrived e-mails from which on mail services look closer, and from which on they refuse a sender.
COMPLAINTS_TO_LOOK_AT, COMPLAINTS_TOO_MANY = 0.001, 0.003


def cause(code: str) -> tuple[str, str]:
    return CAUSES.get(Cause(code), ("", "")) if code in set(Cause) else (code, "")


def status(code: str) -> str:
    return STATUSES.get(Kind(code), code) if code in set(Kind) else code


def door(outcome: str) -> tuple[str, str]:
    return DOORS.get(outcome, (outcome, ""))


def provider(code: str) -> str:
    return PROVIDERS.get(code, code)
