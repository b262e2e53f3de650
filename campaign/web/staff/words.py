"""What staff read for the codes in the database. Families' words stand in content/ and never here."""

from __future__ import annotations

from babel import Locale, UnknownLocaleError

from campaign.dispatch.settling import NOT_CONFIRMED, Settlement
from campaign.gate import Reason
from campaign.health import Age, Cell
from campaign.store.health import Newest
from campaign.web.staff import by_people_words
from reports.records import Category

CATEGORIES = {
    Category.MATCH_AT: "High mark, test at grade level",
    Category.HIGH_CLOSE: "High mark, test close to the line",
    Category.HIGH_NOTYET: "High mark, test not yet at grade level",
    Category.MID_AT: "Middle mark, test at grade level",
    Category.MID_CLOSE: "Middle mark, test close to the line",
    Category.MID_NOTYET: "Middle mark, test not yet at grade level",
    Category.LOW_AT: "Low mark, test at grade level",
    Category.LOW_CLOSE: "Low mark, test close to the line",
    Category.BOTH_NEED: "Low mark, test not yet at grade level",
    Category.TESTS_DISAGREE: "Two tests disagree",
    Category.NOT_ENOUGH: "Not enough to compare",
    Category.OTHER_TEST: "Takes a different test",
}

# How a category looks as a tag: what the test says, or that nothing is said.
TONES = {
    Category.MATCH_AT: "at",
    Category.MID_AT: "at",
    Category.LOW_AT: "at",
    Category.HIGH_CLOSE: "close",
    Category.MID_CLOSE: "close",
    Category.LOW_CLOSE: "close",
    Category.HIGH_NOTYET: "not-yet",
    Category.MID_NOTYET: "not-yet",
    Category.BOTH_NEED: "not-yet",
    Category.TESTS_DISAGREE: "none",
    Category.NOT_ENOUGH: "none",
    Category.OTHER_TEST: "none",
}

REASONS = {
    Reason.COURT_RESTRICTION: "a court order stands against it",
    Reason.MAY_NOT_RECEIVE: "the school's system says this contact gets no messages",
    Reason.CONFIDENTIAL: "the address is confidential",
    Reason.WITHDRAWN: "the student has left",
    Reason.ADULT_STUDENT: "the student is 18 or older",
    Reason.LISTED_TWICE: "the same adult is listed twice and gets it once",
    Reason.CONSENT_REVOKED: "the family asked for no more messages",
    Reason.CONSENT_UNCLEAR: "a person must read what the family said about messages",
    Reason.NO_REPORT: "there is no report yet",
    Reason.LANGUAGE_REQUIRED: "the school's state asks for a reviewed text in another language first",
    Reason.LANGUAGE_NOT_SENDABLE: "the text in this language is not released",
    Reason.NO_NOTICE: "it would be the first message, and its text does not say how to stop",
    Reason.SUPPRESSED: "the address does not take our messages",
    Reason.NO_ADDRESS: "no e-mail address or mobile number is known",
    Reason.CHANNEL_NOT_OFFERED: "this channel is not switched on",
    Reason.TEACHER_PREVIEW: "teachers are still looking at the report",
    Reason.TEACHER_HOLD: "a teacher holds the report",
    Reason.DAY_LIMIT: "no more text messages may go that day",
    Reason.DIGEST: "it waits for the family's weekly message",
    Reason.HOUSEHOLD_CAP: "the household has had enough messages this week",
    Reason.NO_OPEN_WINDOW: "there was no hour left in which we may send",
    Reason.CANCELLED: "staff called it off",
    Reason.REPLACED: "the campaign was changed before it could go",
    Reason.ANSWERED: "the family had looked at the report or answered by then",
    Reason.PAUSED: "the campaign was paused",
    Reason.NOT_APPROVED: "nobody has approved what it says now",
    Reason.CALENDAR_CHANGED: "its day was taken out of the calendar",
    Reason.EXPIRED: "its time had passed",
    Reason.SHARES_A_HOME: "another adult of the same home gets the letter",
    Reason.TEXT_TOO_LONG: "the text is too long for a text message",
}

STATES = {
    "planned": "Planned",
    "withheld": "Withheld",
    "claimed": "Being sent",
    "dispatching": "Being sent",
    "accepted": "Sent",
    "rejected": "Refused by the provider",
    "retry_at": "Will be tried again",
    "ambiguous": "To be looked at",
    "failed": "Failed",
    "dropped": "Withheld at the last look",
}

# What becomes of planned messages, as the reconciliation sheet adds it up.
PARTS = {
    "sent": "Sent",
    "withheld": "Withheld",
    "failed": "Failed",
    "to_look_at": "To be looked at",
    "waiting": "Still to go",
}

# Why a message failed or is in doubt, and what a person can do about it.
UNSETTLED = {
    "no_answer": (
        "The provider gave no clear answer, so it may have gone out or not.",
        "Look for its number at the provider, or ask the family. Until you know, leave it: it is not sent twice.",
    ),
    "refused_by_provider": (
        "The provider refused it.",
        "Correct the address in the school's system and import it again. Then send the message again.",
    ),
    "dropped_by_provider": (
        "The provider took it and gave it up before it left. The page Delivery says why.",
        "When the cause is gone, send the message again.",
    ),
    "tried_too_often": (
        "The provider took nothing each time we tried.",
        "Check the mail settings with the command gbg doctor. Then send the message again.",
    ),
    "text": (
        "Its text could not be written.",
        "Tell the person who looks after the texts. Send the message again when the text is right.",
    ),
    **by_people_words.UNSETTLED,
}
_UNSETTLED_OTHER = (
    "The provider gave it up.",
    "Ask the provider why. When the cause is gone, send the message again.",
)

# What a page says after a person has settled a message.
SETTLED = {
    Settlement.ARRIVED: "Noted: the message arrived. It counts as sent.",
    Settlement.SENT_AGAIN: "The message goes out again with the next round of sending.",
    Settlement.TOO_LATE: "Noted: the message did not arrive. Its time has passed, so it is not sent again.",
    Settlement.CHANGED: "Nothing was done: the message has changed since you saw it. Look at the list again.",
}

# Languages of families that the names of the library leave out.
NOT_IN_CLDR = {"hmn": "Hmong", "kar": "Karen", "mix": "Mixtec", "quc": "K'iche'"}

ERROR_SOURCES = {
    "csem": "came with the score",
    "test_sem": "the published error of the whole test, assumed for this score",
    "quarter_sd": "not known; a quarter of a standard deviation",
    "level": "not known; the level decides",
    "projection": "not known; the vendor's own projection decides",
}

# How an import stands, and how its tag looks.
IMPORTS = {
    "waiting": ("Waiting for its turn", "none"),
    "running": ("Under way", "close"),
    "done": ("Done", "at"),
    "failed": ("Done, but files failed", "not-yet"),
    "cancelled": ("Called off", "none"),
    "interrupted": ("Interrupted", "not-yet"),
}

FILES = {
    "waiting": "Waiting",
    "reading": "Being read",
    "merging": "Being merged",
    "done": "Done",
    "failed": "Failed",
    "not_needed": "Not needed",
}

# One, and several, of what the program cannot place.
UNMAPPED = {
    "course": ("course without a subject", "courses without a subject"),
    "test": ("test without a subject", "tests without a subject"),
    "level": ("test without a line for grade level", "tests without a line for grade level"),
}

# And what to do about it.
UNMAPPED_REMEDIES = {
    "course": "If it teaches math, reading, writing, science or social studies, say so in the student information "
    "system or in the mapping of the file. Other courses need nothing.",
    "test": "Add the subject of this test to its settings file, and import that file.",
    "level": "Say in the settings file of this test which level means at grade level, and import that file.",
}

CHANNELS = {"email": "E-mail", "sms": "Text message", "letter": "Letter", "call": "Phone call"}

ROLES = {
    "state": "State",
    "district": "District",
    "school": "School",
    "teacher": "Teacher",
    "partner": "Partner",
}


def unsettled(state: str, reason: str | None) -> tuple[str, str]:
    """Why a message waits for a person, and what to do. In doubt is in doubt, whatever a provider's reason says."""
    code = "no_answer" if state == "ambiguous" and reason != NOT_CONFIRMED else reason
    return UNSETTLED.get(code or "", _UNSETTLED_OTHER)


def subject(code: str) -> str:
    return code.replace("_", " ").capitalize()


def grade(level: int | None) -> str:
    names = {
        None: "Grade not known",
        -2: "Early learning",
        -1: "Pre-K",
        0: "Kindergarten",
        13: "Beyond grade 12",
    }
    return names.get(level) or f"Grade {level}"


def language(tag: str | None) -> str:
    """The language's English name; a tag that is no language stands as it is."""
    if not tag:
        return "Not known"
    if tag in NOT_IN_CLDR:
        return NOT_IN_CLDR[tag]
    try:
        return Locale.parse(tag, sep="-").get_display_name("en") or tag
    except (UnknownLocaleError, ValueError):
        return tag


def step(code: str) -> str:
    return code.replace("_", " ").replace("-", " ").capitalize()


def reason(code: str | None) -> str:
    known = {str(reason): words for reason, words in REASONS.items()}
    return known.get(code or "", code or "no reason was kept")


def kind_of_data(newest: Newest) -> str:
    """What is fresh or not: the roster, the marks, or a family of tests."""
    return {"roster": "Roster", "marks": "Report-card marks"}.get(newest.kind) or newest.name


def records(newest: Newest) -> str:
    """How much of it there is."""
    return count(newest.records, {"roster": "student", "marks": "mark"}.get(newest.kind, "score"))


def age(age: Age) -> str:
    """How old, and whether that is as it should be."""
    if age.days is None:
        return "none yet"
    old = {0: "of today", 1: "1 day old"}.get(age.days, f"{age.days} days old")
    return {"fresh": old, "aging": f"{old}, a newer one is due"}.get(age.state, f"{old}, too old")


def covered(cell: Cell) -> str:
    """One subject of one school in a sentence, for those who hear it."""
    missing = {
        "nothing": "No marks and no tests here.",
        "no_tests": "Nobody tested here.",
        "no_marks": "No marks here.",
    }
    counts = f"{cell.marked:,} with a mark, {cell.tested:,} with a test, {cell.both:,} with both."
    return f"Of {count(cell.students, 'student')}, {counts} {missing.get(cell.state, '')}".strip()


def covered_short(cell: Cell) -> str:
    missing = {"nothing": "Nothing here", "no_tests": "Nobody tested here", "no_marks": "No marks here"}
    return missing.get(cell.state) or f"{percent(cell.share)} have both"


def percent(share: float) -> str:
    """A share as whole percent; never 100% where something is missing, nor 0% where something is there."""
    whole = round(100 * share)
    if whole == 100 and share < 1:
        return "99%"
    return "1%" if whole == 0 and share > 0 else f"{whole}%"


def format_name(code: str) -> str:
    """What a file was recognised as."""
    return "not recognised" if code == "unknown" else code.replace("_", " ")


def size(amount: int) -> str:
    """2 KB, 3.4 MB: as people read sizes of files."""
    for unit, bytes_of_one in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if amount >= bytes_of_one:
            return f"{amount / bytes_of_one:.3g} {unit}"
    return count(amount, "byte")


def count(number: int, one: str, many: str | None = None) -> str:
    """1 student, 1,234 students."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
