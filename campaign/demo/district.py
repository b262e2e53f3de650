"""The made-up district: files as two vendors of school records and two test makers would export them.

Everything in it is invented. The same seed and number of students give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from campaign.demo import (
    assessments,
    attendance,
    columns,
    faults,
    gradebook,
    interim,
    names,
    neighbourhood,
    people,
    staar,
)
from campaign.demo.assessments import STATE_COLUMNS
from campaign.demo.faults import PlantedFault
from campaign.demo.neighbourhood import SIZE, Neighbourhood
from campaign.demo.packages import Package, open_package
from campaign.demo.schools import Vendor
from campaign.demo.tables import Table, zip_folder

MINIMUM_STUDENTS, MAXIMUM_STUDENTS = 40, 1_000_000
DEFAULT_STUDENTS, DEFAULT_SEED = 1200, 2026

CALENDAR = "school_year.csv"
_STATE, _INTERIM, _LATE = "harbor_state_test_2026.csv", "map_growth_fall_2026.csv", "late_scores.csv"
_STAAR = "staar_summative_2026.csv"
_LAST_INTERIM = "map_growth_fall_2025.csv"
_ABSENCES = "absences_fall_2026.csv"
_BROKEN = "broken_transfer.zip"
_ROSTERS = ("sis_a", "sis_b.zip", _BROKEN)
_RESULTS = (
    "tests.toml",
    "state_test_mapping.toml",
    _STATE,
    _STAAR,
    _LATE,
    _INTERIM,
    _LAST_INTERIM,
    _ABSENCES,
)

Progress = Callable[[int], None]


@dataclass(frozen=True)
class MadeUpDistrict:
    """What was written: the rosters, what is imported after them, the calendar, and every fault planted."""

    folder: Path
    students: int
    rosters: tuple[Path, ...]
    results: tuple[Path, ...]
    calendar: Path
    faults: tuple[PlantedFault, ...]


@dataclass(frozen=True)
class _Files:
    packages: dict[Vendor, Package]
    state: Table
    staar: Table
    interim: Table
    last_interim: Table
    absences: Table

    def close(self) -> None:
        for package in self.packages.values():
            package.close()
        for table in (self.state, self.staar, self.interim, self.last_interim, self.absences):
            table.close()


def build(folder: Path, *, students: int, seed: int, progress: Progress | None = None) -> MadeUpDistrict:
    """Write the district's files into `folder`, which must be new or empty.

    `progress` hears how many students were added each time. Raises ValueError for a number of students outside 40 to
    1,000,000 and FileExistsError for a folder with something in it.
    """
    if not MINIMUM_STUDENTS <= students <= MAXIMUM_STUDENTS:
        raise ValueError(f"students must be {MINIMUM_STUDENTS} to {MAXIMUM_STUDENTS:,}, not {students:,}")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; name a new folder")
    out = _open(folder)
    planted: list[PlantedFault] = []
    for number, count in enumerate(_counts(students)):
        place = neighbourhood.make(seed, number, count, names.load())
        _write(place, out)
        if number == 0:
            planted = _plant(folder, place, out)
        if progress:
            progress(count)
    return _finish(folder, students, out, planted)


def _write(place: Neighbourhood, out: _Files) -> None:
    for package in out.packages.values():
        for school in place.schools:
            if school.vendor is package.vendor:
                package.add_school(school)
        people.add_students(package, place)
        gradebook.add_sections(package, place)
    late = faults.late_positions(place) if place.number == 0 else frozenset()
    assessments.write_state(place, out.state, late)
    staar.write(place, out.staar)
    interim.write(place, out.interim)
    interim.write_last_year(place, out.last_interim)
    attendance.write(place, out.absences)


def _counts(students: int) -> list[int]:
    """How many students each neighbourhood has; none is too small for its special cases."""
    whole, rest = divmod(students, SIZE)
    counts = [SIZE] * whole
    if rest >= MINIMUM_STUDENTS or not counts:
        return [*counts, rest]
    return [*counts[:-1], SIZE - MINIMUM_STUDENTS, MINIMUM_STUDENTS + rest] if rest else counts


def _open(folder: Path) -> _Files:
    return _Files(
        packages={
            Vendor.A: open_package(Vendor.A, folder / "sis_a"),
            Vendor.B: open_package(Vendor.B, folder / "sis_b"),
        },
        state=Table(folder / _STATE, STATE_COLUMNS),
        staar=staar.open_table(folder / _STAAR),
        interim=Table(folder / _INTERIM, columns.map_growth()),
        last_interim=Table(folder / _LAST_INTERIM, columns.map_growth()),
        absences=Table(folder / _ABSENCES, attendance.COLUMNS),
    )


def _plant(folder: Path, place: Neighbourhood, out: _Files) -> list[PlantedFault]:
    return [
        *faults.plant_in_packages(place, out.packages),
        *faults.plant_in_state_test(place, out.state),
        *faults.plant_in_interim(place, out.interim),
        faults.write_late_scores(place, folder / _LATE),
        faults.write_truncated(folder / _BROKEN),
    ]


def _finish(folder: Path, students: int, out: _Files, planted: list[PlantedFault]) -> MadeUpDistrict:
    out.close()
    zip_folder(folder / "sis_b", folder / "sis_b.zip")
    assessments.write_settings(folder / "tests.toml")
    assessments.write_mapping(folder / "state_test_mapping.toml")
    # Last of all: where it lies, the district is whole.
    (folder / CALENDAR).write_bytes(files("campaign.demo").joinpath("school_year.csv").read_bytes())
    return found(folder, students, tuple(planted))


def found(folder: Path, students: int, planted: tuple[PlantedFault, ...] = ()) -> MadeUpDistrict:
    """The district whose files lie in `folder` already."""
    return MadeUpDistrict(
        folder=folder,
        students=students,
        rosters=tuple(folder / name for name in _ROSTERS),
        results=tuple(folder / name for name in _RESULTS),
        calendar=folder / CALENDAR,
        faults=planted,
    )
