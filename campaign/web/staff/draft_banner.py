"""What staff must know wherever messages go out: whose word lets drafts out, and which schools wait for a language."""

from __future__ import annotations

from collections.abc import Sequence

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.web.parts import as_principal, parts
from campaign.web.staff import asking
from campaign.web.staff.blueprint import blueprint
from campaign.wordings import drafts, required_languages

# A state has many districts; the page of translations shows each.
_MOST_DISTRICTS = 5
_MORE = "Perhaps in more districts: the page Translations shows each."


@blueprint.app_template_global("drafts_that_go_out")
def drafts_that_go_out() -> list[str]:
    """A sentence a language, of the districts that the reader sees."""
    offered = parts().settings.languages.offered
    seen = _districts()
    lines = [
        _named(name, line, seen)
        for district_id, name in seen[:_MOST_DISTRICTS]
        for line in drafts.banner(drafts.going_out(parts().texts_of(district_id), offered))
    ]
    return [*lines, _MORE] if lines and len(seen) > _MOST_DISTRICTS else lines


@blueprint.app_template_global("languages_awaited")
def languages_awaited() -> list[str]:
    """A sentence for each language that schools wait for before messages may leave for them."""
    chosen, seen = parts().settings.languages, _districts()
    lines = []
    for district_id, name in seen[:_MOST_DISTRICTS]:
        texts = parts().texts_of(district_id)
        with transaction(parts().engine, ENGINE) as connection:
            found = required_languages.awaited(connection, district_id, texts, texts.catalog.messages, chosen)
        lines += [_named(name, line, seen) for line in required_languages.sentences(found, drafts.name)]
    return [*lines, _MORE] if lines and len(seen) > _MOST_DISTRICTS else lines


def _districts() -> Sequence[tuple[int, str]]:
    with as_principal() as connection:
        return asking.writable_districts(connection)


def _named(name: str, line: str, seen: Sequence[tuple[int, str]]) -> str:
    return f"{name}: {line}" if len(seen) > 1 else line
