"""A file that is broken or hostile leaves the register as it was and says why."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from campaign.intake.run import import_paths
from campaign.settings import Intake
from tests.campaign.intake.importing import NOW, bring, register, rows
from tests.campaign.intake.packages import small_district, write_package

BILLION_LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<InterchangeStudent xmlns="http://ed-fi.org/5.2.0"><Student><StudentUniqueId>&b;</StudentUniqueId></Student>
</InterchangeStudent>"""
CUT_OFF = '<InterchangeStudent xmlns="http://ed-fi.org/5.2.0"><Student><StudentUniqueId>1'


def zipped(*members: tuple[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            # A time of its own, so that tests named by these bytes are the same in every worker.
            info = zipfile.ZipInfo(name, (2026, 11, 2, 0, 0, 0))
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "empty (0 bytes)"),
        ("cut.zip", zipped(("a.csv", b"x,y\n1,2\n" * 400))[:80], "not a complete zip archive"),
        ("bomb.zip", zipped(("a.csv", b"0" * 30_000_000)), "more than 100 times"),
        ("path.zip", zipped(("../../a.csv", b"x,y\n")), "leads out of the archive"),
        ("absolute.zip", zipped(("/a.csv", b"x,y\n")), "leads out of the archive"),
        ("many.zip", zipped(*((f"{n}.csv", b"x,y\n") for n in range(60))), "at most 50"),
        ("nested.zip", zipped(("inner.zip", zipped(("a.csv", b"x")))), "holds another archive"),
        ("none.zip", zipped(), "empty archive"),
        ("laughs.xml", BILLION_LAUGHS.encode(), "declares a document type"),
        ("cut.xml", CUT_OFF.encode(), "line 1: this is not complete, well-formed XML"),
        ("other.xml", b"<html><body/></html>", "no Ed-Fi interchange"),
        ("wide.csv", "a,b\n1,2\n".encode("utf-16"), "neither UTF-8 nor Windows-1252"),
        ("odd.csv", b"a,b\n\x81\x8d,2\n", "neither UTF-8 nor Windows-1252"),
        ("notes.txt", b"hello", "that the program knows"),
        ("binary.dat", bytes(range(1, 9)) * 30, "that the program knows"),
        ("broken.toml", b"[[assessment]]\nfamily = \n", "cannot be read as TOML"),
    ],
)
def test_it_fails_with_a_reason_and_changes_nothing(
    engine: Engine, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    bring(engine, write_package(tmp_path / "p", small_district(2)))
    before = register(engine)
    file = tmp_path / name
    file.write_bytes(content)
    summary = bring(engine, file)
    assert [record.status for record in summary.files] == ["failed"]
    assert said in str(summary.files[0].message)
    assert name in str(summary.files[0].message)
    assert register(engine) == before
    assert rows(engine, "SELECT status FROM import_run ORDER BY id") == [("done",), ("failed",)]


def test_a_file_over_the_limit_is_not_read(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    file.write_bytes(b"a,b\n" * 600_000)
    limits = Intake(
        maximum_file_megabytes=1, maximum_zip_ratio=100, maximum_zip_members=5, keep_uploads_days=30
    )
    summary = import_paths(engine, [file], district=None, limits=limits, now=NOW)
    assert "larger than 1 megabytes" in str(summary.failed[0].message)


def _empty(folder: Path) -> None:
    (folder / "users.csv").write_bytes(b"")


def _missing(folder: Path) -> None:
    (folder / "users.csv").unlink()


def _cut_off(folder: Path) -> None:
    file = folder / "users.csv"
    file.write_text(file.read_text(encoding="utf-8") + 's99,,,true,o1,student,"s99', encoding="utf-8")


@pytest.mark.parametrize("damage", [_empty, _missing, _cut_off])
def test_one_broken_file_stops_its_whole_package(
    engine: Engine, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    bring(engine, write_package(tmp_path / "p", small_district(2)))
    before = register(engine)
    folder = write_package(tmp_path / "next", small_district(3))
    damage(folder)
    summary = bring(engine, folder)
    assert {file.status for file in summary.files} == {"failed"}
    assert "users" in " ".join(str(file.message) for file in summary.files)
    assert register(engine) == before


def test_what_merely_lies_in_a_folder_is_no_failure(engine: Engine, tmp_path: Path) -> None:
    folder = write_package(tmp_path / "p", small_district(1))
    (folder / "README.txt").write_text("hello", encoding="utf-8")
    summary = bring(engine, folder)
    assert summary.failed == []
    assert {file.name for file in summary.files if file.status == "not_needed"} == {
        "README.txt",
        "manifest.csv",
    }


def test_nothing_to_import_says_so(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "holds no file" in str(bring(engine, tmp_path / "empty").failed[0].message)
    assert "no such file" in str(bring(engine, tmp_path / "gone").failed[0].message)
