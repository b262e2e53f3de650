"""Languages that a state's rule asks of a school's letters: those that a given share of its pupils speak at home.

California Education Code 48985: where 15 percent or more of the pupils of a school speak a single primary language
other than English, what is sent to their parents is written in it, too. All pupils count, learners of English or not.
The share is a setting by state. The law means the census of the year before; here the register is the census: pupils
enrolled now, by the home language that it has of each. One whose language nobody knows counts among all pupils of the
school and for no language.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection

from campaign.settings import Languages
from campaign.store import pupil_languages
from campaign.store.pupil_languages import PupilCount
from campaign.wordings.texts import PAGE_UNIT, REPORT_UNITS, Texts
from campaign.wordings.wording import ENGLISH
from content.languages import of_tag

_MOST_NAMED = 8


@dataclass(frozen=True)
class RequiredLanguage:
    """One language at one school: `pupils` of `enrolled` speak it at home, `threshold` is the state's share."""

    school_id: int
    school: str
    language: str
    pupils: int
    enrolled: int
    threshold: Decimal

    @property
    def percent(self) -> str:
        """With one digit, cut and not rounded: 14.96 percent is not 15.0."""
        return f"{self.pupils * 1000 // self.enrolled / 10:.1f}%"


@dataclass(frozen=True)
class MissingLanguage:
    """A required language in which nothing may leave for the school yet.

    `units` are the texts that nobody has reviewed in it; none where it only is not offered by the installation.
    """

    required: RequiredLanguage
    units: tuple[str, ...]
    offered: bool


def required(connection: Connection, district_id: int, settings: Languages) -> Sequence[RequiredLanguage]:
    """By school and, within it, most pupils first; none where the district's state has no such rule."""
    share = settings.required_share.get(pupil_languages.state_code(connection, district_id) or "")
    if share is None:
        return []
    return of_counts(pupil_languages.counts(connection, district_id), Decimal(str(share)))


def of_counts(counts: Iterable[PupilCount], threshold: Decimal) -> Sequence[RequiredLanguage]:
    """The languages whose speakers are at least this share of a school. Tags of one language count together."""
    schools: dict[tuple[int, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in counts:
        schools[row.school_id, row.school][of_tag(row.home_language or "")] += row.pupils
    found = []
    for (school_id, school), languages in sorted(schools.items(), key=lambda item: (item[0][1], item[0][0])):
        enrolled = sum(languages.values())
        for language, pupils in sorted(languages.items(), key=lambda item: (-item[1], item[0])):
            if language not in ("", "und", ENGLISH) and pupils >= threshold * enrolled:
                found.append(RequiredLanguage(school_id, school, language, pupils, enrolled, threshold))
    return found


def units_of(message: str, texts: Texts) -> tuple[str, ...]:
    """The texts that a family gets with this message: its own, and the report's and the page's where it leads there."""
    bodies = texts.catalog.messages[message].bodies
    leads = any("reports" in texts.catalog.message(message, channel, ENGLISH).fields for channel in bodies)
    return (f"messages/{message}", *((*REPORT_UNITS, PAGE_UNIT) if leads else ()))


def missing(
    languages: Iterable[RequiredLanguage], texts: Texts, units: Sequence[str], settings: Languages
) -> Sequence[MissingLanguage]:
    """The required languages in which a person has not reviewed all of these texts, or that are not offered.

    A district's word on drafts does not help: the rule asks for a text that a person has read.
    """
    found = []
    for one in languages:
        unread = tuple(unit for unit in units if not texts.is_reviewed(unit, one.language))
        offered = one.language in settings.offered
        if unread or not offered:
            found.append(MissingLanguage(one, unread, offered))
    return found


def awaited(
    connection: Connection, district_id: int, texts: Texts, messages: Iterable[str], settings: Languages
) -> Sequence[MissingLanguage]:
    """What the schools of a district wait for before these messages may leave for them."""
    languages = required(connection, district_id, settings)
    units = sorted({unit for message in messages for unit in units_of(message, texts)}) if languages else []
    return missing(languages, texts, units, settings)


def sentences(found: Iterable[MissingLanguage], name: Callable[[str], str]) -> Iterator[str]:
    """One a language: which schools wait for it; `name` gives a language's name."""
    waiting: dict[str, list[MissingLanguage]] = defaultdict(list)
    for one in found:
        waiting[one.required.language].append(one)
    for language, lacking in waiting.items():
        schools = [f"{one.required.school} ({one.required.percent} of its pupils)" for one in lacking]
        more = f" and {len(schools) - _MOST_NAMED:,} more schools" if len(schools) > _MOST_NAMED else ""
        why = "reviewed" if lacking[0].units else "offered in the settings"
        yield f"Not {why} in {name(language)}, for which wait: {', '.join(schools[:_MOST_NAMED])}{more}."


def held(
    languages: Sequence[RequiredLanguage], texts: Texts, messages: Iterable[str], settings: Languages
) -> Mapping[str, frozenset[int]]:
    """Message → the schools for which it must wait."""
    return {
        message: frozenset(
            one.required.school_id for one in missing(languages, texts, units_of(message, texts), settings)
        )
        for message in messages
    }
