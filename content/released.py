"""The record of released texts: a text that has been released never changes under the same version.

`released.toml` holds, per unit and version, the hash of each language, its state, and for a translation the hash
of the English it was made from. A translation whose English has moved on is stale. `python -m content.release`
adds what is new; it never alters a line. A reviewer sets a translation's state to "human_reviewed" by hand.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = "released.toml"
SOURCE_LANGUAGE = "en"


@dataclass(frozen=True)
class Release:
    unit: str
    version: int
    language: str
    hash: str
    state: str
    source: str


def read(folder: Path) -> tuple[Release, ...]:
    """All records, oldest version first; none if the file is not there yet."""
    file = folder / FILE
    if not file.exists():
        return ()
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    return tuple(
        Release(unit, int(version), language, record["hash"], record["state"], record["source"])
        for unit, versions in document.items()
        for version, languages in sorted(versions.items(), key=lambda item: int(item[0]))
        for language, record in languages.items()
    )


def state(releases: Iterable[Release], unit: str, language: str, hashes: Mapping[str, str]) -> str:
    """State of the text of `unit` in `language`; `hashes` are those of its current texts by language.

    English is the source and counts as reviewed. A translation that was never released is a draft.
    """
    if language == SOURCE_LANGUAGE:
        return "human_reviewed"
    same = [r for r in releases if (r.unit, r.language, r.hash) == (unit, language, hashes[language])]
    if not same:
        return "draft"
    current = [r for r in same if r.source == hashes[SOURCE_LANGUAGE]]
    return current[-1].state if current else "stale"


def added(
    releases: tuple[Release, ...], unit: str, version: int, hashes: Mapping[str, str]
) -> tuple[Release, ...]:
    """`releases` with the languages of this unit and version that are not recorded yet.

    A translation that was released before keeps the English it was made from, so that it stays stale.
    """
    known = {(r.unit, r.version, r.language) for r in releases}
    new = []
    for language, digest in sorted(hashes.items()):
        if (unit, version, language) in known:
            continue
        same = [r for r in releases if (r.unit, r.language, r.hash) == (unit, language, digest)]
        source = same[-1].source if same else hashes[SOURCE_LANGUAGE]
        first = "human_reviewed" if language == SOURCE_LANGUAGE else "draft"
        new.append(Release(unit, version, language, digest, same[-1].state if same else first, source))
    return (*releases, *new)


def write(folder: Path, releases: Iterable[Release]) -> None:
    """Write the records in a fixed order."""
    lines: list[str] = []
    table = ""
    for r in sorted(releases, key=lambda r: (r.unit, r.version, r.language)):
        header = f'["{r.unit}".{r.version}]'
        if header != table:
            lines += [header] if not lines else ["", header]
            table = header
        lines.append(f'{r.language} = {{ hash = "{r.hash}", state = "{r.state}", source = "{r.source}" }}')
    (folder / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
