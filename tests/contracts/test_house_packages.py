"""What set-up installs is pinned by hash, comes under licences that fit ours, and migrations form one line."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib

import pytest
from alembic.script import ScriptDirectory
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.contracts.tree import ROOT, text

COPYLEFT = re.compile(r"(?<!L)\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)


def locked() -> dict[str, str]:
    """Name of each package of the lock file, with the text of its entry."""
    entries = re.split(r"\n(?=\S)", text("requirements.lock").strip())
    return {canonicalize_name(entry.partition("==")[0]): entry for entry in entries}


def test_every_locked_package_has_a_version_and_hashes() -> None:
    entry = re.compile(r"[A-Za-z0-9_.-]+==\S+( ; [^\\]+)? \\\n( +--hash=sha256:[0-9a-f]{64}( \\\n|$))+")
    assert [name for name, words in locked().items() if not entry.fullmatch(words)] == []


def test_lock_file_names_no_address() -> None:
    assert (
        re.findall(r"\S*(?:://|--index|--extra-index|--find-links|@ file)\S*", text("requirements.lock"))
        == []
    )


def test_lock_file_holds_all_that_the_project_asks_for() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    asked = {Requirement(line) for line in project["dependencies"] + project["optional-dependencies"]["dev"]}
    assert {canonicalize_name(requirement.name) for requirement in asked} - set(locked()) == set()
    versions = {name: re.search(r"==(\S+)", entry).group(1) for name, entry in locked().items()}  # type: ignore[union-attr]
    assert [str(r) for r in asked if versions[canonicalize_name(r.name)] not in r.specifier] == []


def needed_at_run_time(name: str, extras: frozenset[str] = frozenset()) -> set[str]:
    """All installed packages that the program needs, without those of its tests."""
    try:
        requires = importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return set()
    found = {canonicalize_name(name)}
    for requirement in map(Requirement, requires):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            found |= needed_at_run_time(requirement.name, frozenset(requirement.extras))
    return found


def licences(name: str) -> list[str]:
    """The licences that a package offers; its licence text's first line where it names none."""
    metadata = importlib.metadata.metadata(name)
    offered = [line for line in metadata.get_all("Classifier") or [] if line.startswith("License")]
    return offered or [
        metadata.get("License-Expression") or (metadata.get("License") or "").partition("\n")[0]
    ]


def test_run_time_packages_come_under_licences_that_fit() -> None:
    """One licence without strong copyleft among those offered is enough; none named at all is not."""
    names = needed_at_run_time("go-beyond-grades")
    assert {"flask", "psycopg-binary", "weasyprint", "cffi"} <= names
    assert {
        n: licences(n) for n in names if all(not offer or COPYLEFT.search(offer) for offer in licences(n))
    } == {}


@pytest.mark.parametrize(
    ("licence", "fits"),
    [
        ("GPL-3.0-only", False),
        ("AGPLv3", False),
        ("GNU General Public License v2", False),
        ("LGPL-3.0-only", True),
    ],
)
def test_what_counts_as_strong_copyleft(licence: str, fits: bool) -> None:
    assert (COPYLEFT.search(licence) is None) == fits


def test_migrations_form_one_line_in_the_order_of_their_names() -> None:
    script = ScriptDirectory(str(ROOT / "campaign" / "migrations"))
    line = [revision.revision for revision in script.walk_revisions()][::-1]
    names = sorted(
        path.name.partition("_")[0] for path in (ROOT / "campaign/migrations/versions").glob("*.py")
    )
    assert len(script.get_heads()) == len(script.get_bases()) == 1
    assert line == names
