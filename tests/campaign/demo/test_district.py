"""The made-up district: the same for the same seed, of the shape promised, with every fault it says it has."""

import csv
import filecmp
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.demo import assessments
from campaign.demo.district import MadeUpDistrict, build
from campaign.demo.faults import Outcome

pytestmark = pytest.mark.xdist_group("district")  # the fixture of the whole file is made once


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> MadeUpDistrict:
    return build(tmp_path_factory.mktemp("district") / "files", students=1200, seed=2026)


def rows(path: Path, member: str | None = None) -> list[dict[str, str]]:
    """The rows of a CSV, ragged ones left out."""
    if member:
        with zipfile.ZipFile(path) as archive:
            text = archive.read(member).decode("utf-8")
    else:
        text = path.read_text(encoding="utf-8")
    return [row for row in csv.DictReader(io.StringIO(text)) if None not in row]


def users(district: MadeUpDistrict) -> Iterator[dict[str, str]]:
    yield from rows(district.folder / "sis_a" / "users.csv")
    roles = {row["userSourcedId"]: row["role"] for row in rows(district.folder / "sis_b.zip", "roles.csv")}
    for row in rows(district.folder / "sis_b.zip", "users.csv"):
        yield row | {"role": roles[row["sourcedId"]]}


def students(district: MadeUpDistrict) -> list[dict[str, str]]:
    return [user for user in users(district) if user["role"] == "student"]


def test_same_seed_gives_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        build(tmp_path / name, students=60, seed=seed)
    files = sorted(
        path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()
    )
    match, mismatch, errors = filecmp.cmpfiles(
        tmp_path / "one", tmp_path / "two", map(str, files), shallow=False
    )
    assert (len(match), mismatch, errors) == (len(files), [], [])
    assert not filecmp.cmp(tmp_path / "one" / "sis_b.zip", tmp_path / "three" / "sis_b.zip", shallow=False)


def test_every_student_stands_in_one_export_under_ids_of_its_own(district: MadeUpDistrict) -> None:
    found = students(district)
    assert len(found) == 1200
    for column in ("sourcedId", "identifier", "userIds"):
        assert len({student[column] for student in found}) == 1200


@pytest.mark.parametrize("count", [40, 61, 1199, 1200, 1201, 3700, 6000])
def test_there_are_as_many_students_as_asked_for_and_no_two_share_an_id(tmp_path: Path, count: int) -> None:
    found = students(build(tmp_path / "files", students=count, seed=2026))
    assert len(found) == count
    for column in ("sourcedId", "identifier", "userIds"):
        assert len({student[column] for student in found}) == count


@pytest.mark.parametrize("count", [0, 39, 1_000_001])
def test_too_few_and_too_many_are_refused_before_a_file_is_written(tmp_path: Path, count: int) -> None:
    with pytest.raises(ValueError, match="students must be 40 to 1,000,000"):
        build(tmp_path / "files", students=count, seed=1)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="not empty"):
        build(tmp_path, students=40, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_languages_are_as_promised(district: MadeUpDistrict) -> None:
    raw = Counter(student["metadata.homeLanguage"].strip().casefold() for student in students(district))
    english = sum(raw[code] for code in ("en", "eng", "english"))
    assert 0.26 < 1 - english / 1200 < 0.34
    assert raw["oth"] + raw["qqx"] + raw["99-unk"] > 0
    # Ten languages, each in several ways of writing it.
    assert len(raw) > 20


def test_families_have_all_special_cases(district: MadeUpDistrict) -> None:
    people = list(users(district))
    contacts = [person for person in people if person["role"] in ("parent", "guardian")]
    assert (
        sum(person["metadata.confidential"] == "true" for person in people if person["role"] == "student")
        == 1
    )
    assert sum(person["metadata.courtRestriction"] == "true" for person in contacts) == 1
    assert sum(person["metadata.relation"] == "Caseworker" for person in contacts) == 1
    without_email = sum(not person["email"] for person in contacts) / len(contacts)
    assert 0.05 < without_email < 0.13
    wrong = sum(re.fullmatch(r"\(\d{3}\) 555-01\d\d", person["phone"]) is None for person in contacts)
    assert 0.01 < wrong / len(contacts) < 0.06
    births = rows(district.folder / "sis_a" / "demographics.csv")
    assert any(row["birthDate"] <= "2008-11-02" for row in births)


def test_nobody_real_can_be_reached(district: MadeUpDistrict) -> None:
    for person in users(district):
        assert not person["email"] or re.search(r"@example\.(org|com|net)$", person["email"])
        digits = re.sub(r"\D", "", person["phone"])
        assert len(digits) != 10 or digits[3:8] == "55501" or set(digits) == {"0"}
    for school in (
        *rows(district.folder / "sis_a" / "orgs.csv"),
        *rows(district.folder / "sis_b.zip", "orgs.csv"),
    ):
        assert school["type"] == "district" or re.fullmatch(r"\(\d{3}\) 555-01\d\d", school["metadata.phone"])


def test_some_siblings_share_their_adults(district: MadeUpDistrict) -> None:
    children = Counter(
        agent
        for person in users(district)
        if person["role"] == "student"
        for agent in person["agentSourcedIds"].split(",")
        if agent
    )
    assert max(children.values()) >= 2


def valid_scores(district: MadeUpDistrict) -> list[dict[str, str]]:
    found = rows(district.folder / "harbor_state_test_2026.csv")
    return [row for row in found if row["scale_score"] and float(row["scale_score"]) < 3000]


def test_scores_say_less_than_marks_and_many_lie_near_the_line(district: MadeUpDistrict) -> None:
    subjects = {"ELA": "reading", "Mathematics": "math"}
    z = [
        (
            float(row["scale_score"])
            - assessments.load().state[subjects[row["subject"]], int(row["grade"])].cuts[1]
        )
        / float(row["csem"])
        for row in valid_scores(district)
        if row["subject"] in subjects
    ]
    assert 0.38 < sum(value >= 0 for value in z) / len(z) < 0.52
    assert 1 / 5 < sum(abs(value) < 0.84 for value in z) / len(z) < 1 / 3
    percents = [
        float(row["score"])
        for row in rows(district.folder / "sis_b.zip", "results.csv")
        if row["score"] and "-2026-" in row["lineItemSourcedId"]
    ]
    assert 0.72 < sum(percent >= 80 for percent in percents) / len(percents) < 0.90


def test_levels_follow_from_scores(district: MadeUpDistrict) -> None:
    order = assessments.load().state_levels
    by_test: dict[tuple[str, str], list[tuple[float, int]]] = {}
    for row in valid_scores(district):
        key = (row["subject"], row["grade"])
        by_test.setdefault(key, []).append((float(row["scale_score"]), order.index(row["level"])))
    planted = 2  # the unknown student and the ambiguous date carry a score of their own
    wrong = 0
    for pairs in by_test.values():
        levels = [level for _, level in sorted(pairs)]
        wrong += levels != sorted(levels)
    assert wrong <= planted


def test_one_schools_results_come_in_the_layout_of_another_test(
    district: MadeUpDistrict, shared_data: Path
) -> None:
    found = rows(district.folder / "staar_summative_2026.csv")
    assert {row["campus_name"] for row in found} == {found[0]["campus_name"]}
    elsewhere = {row["state_student_id"] for row in rows(district.folder / "harbor_state_test_2026.csv")}
    assert elsewhere.isdisjoint(row["tx_unique_student_id"] for row in found)
    reached = [
        tuple(row[f"{level}_grade_level_in_mathematics"] for level in ("approaches", "meets", "masters"))
        for row in found
        if row["mathematics_scale_score"]
    ]
    assert set(reached) == {("0", "0", "0"), ("1", "0", "0"), ("1", "1", "0"), ("1", "1", "1")}
    assert 0.3 < sum(meets == "1" for _, meets, _ in reached) / len(reached) < 0.6
    sample = shared_data / "vendor" / "STAAR_Summative" / "sample_anonymized_file.csv"
    with sample.open(encoding="utf-8-sig") as theirs:
        header = next(csv.reader(theirs))
    assert [column for column in header if column in found[0]] == list(found[0])


def test_statuses_of_students_without_a_score_are_all_there(district: MadeUpDistrict) -> None:
    found = rows(district.folder / "harbor_state_test_2026.csv")
    assert {row["not_tested"] for row in found} == {"", "Absent", "Opted out", "Invalidated"}
    assert 0.003 < sum(row["kind"] == "alternate" for row in found) / len(found) < 0.025
    for row in found:
        assert bool(row["scale_score"]) == (row["kind"] == "summative" and not row["not_tested"])


def test_every_planted_fault_is_where_the_list_says(district: MadeUpDistrict) -> None:
    faults = {fault.kind: fault for fault in district.faults}
    assert len(faults) == len(district.faults) == 10
    for fault in district.faults:
        file, _, member = fault.file.partition("!")
        path = district.folder / file
        assert path.exists()
        if fault.outcome is Outcome.FILE_FAILS:
            assert not zipfile.is_zipfile(path)
        elif fault.line:
            content = zipfile.ZipFile(path).read(member) if member else path.read_bytes()
            assert content.decode("utf-8").splitlines()[fault.line - 1]
    with pytest.raises(UnicodeDecodeError):
        (district.folder / faults["bytes of cp1252"].file).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["map_growth_fall_2026.csv", "map_growth_fall_2025.csv"])
def test_interim_exports_have_the_columns_of_their_vendor(
    district: MadeUpDistrict, shared_data: Path, name: str
) -> None:
    sample = shared_data / "vendor" / "MAP_Growth" / "sample_anonymized_file.csv"
    with sample.open(encoding="utf-8-sig") as theirs, (district.folder / name).open() as ours:
        assert next(csv.reader(ours)) == next(csv.reader(theirs))


def test_last_falls_test_is_of_those_who_took_the_state_test_after_it(district: MadeUpDistrict) -> None:
    """It is too old to say anything about a child, and says how well such tests foretell the state test."""
    found = rows(district.folder / "map_growth_fall_2025.csv")
    grades = {
        student["identifier"]: int(student["grades"].replace("KG", "0")) for student in students(district)
    }
    assert {grades[row["StudentID"]] for row in found} == {4, 5, 6}
    assert {row["TermName"] for row in found} == {"Fall 2025-2026"}
    assert {row["TestStartDate"][:3] + row["TestStartDate"][-4:] for row in found} == {"09/2025"}
    this_year = rows(district.folder / "map_growth_fall_2026.csv")
    assert {row["TestID"] for row in found}.isdisjoint(row["TestID"] for row in this_year)
    assert len({row["TestID"] for row in found}) == len(found)
