"""What a format's folder hands to the run: the files of one source, how each is read, and what its absence means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from campaign.intake.batches import Batch
from campaign.intake.problems import RowRefused
from campaign.intake.sources import Fingerprint, InputFile
from campaign.intake.staging import Fact, FileTally, Passed

Facts = list[Fact] | Passed


class Read(Protocol):
    """One record → the facts it states, or what kind of unused record it is. Raises RowRefused."""

    def __call__(self, record: Any, tally: FileTally) -> Facts: ...


@dataclass(frozen=True)
class Examined:
    """A file that was read once from end to end and found whole."""

    file: InputFile
    fingerprint: Fingerprint


@dataclass(frozen=True)
class FilePlan:
    """How one file is read: in `batches` of columns, or record by record with `records` and `read`.

    `batches` is given the file's tally to note things in; staging does the counting. Without any of them the file is
    known but not needed, and `message` says why. `only_results`: its rows are marks or scores and nothing else.
    """

    examined: Examined
    format: str
    records: Callable[[], Iterator[tuple[int, Any | RowRefused]]] | None = None
    read: Read | None = None
    message: str = ""
    batches: Callable[[FileTally], Iterator[Batch]] | None = None
    only_results: bool = False

    @property
    def needed(self) -> bool:
        return self.read is not None or self.batches is not None


@dataclass(frozen=True)
class Completeness:
    """What the source claims to list completely for its schools; what is missing from it has left."""

    people: bool = False
    enrollments: bool = False
    marks: bool = False


@dataclass(frozen=True)
class SourcePlan:
    """Files that are imported together in one transaction, in the order in which they are to be read.

    `system` names the issuer of the ids that people have inside the source; `prefix` keeps apart the ids of places
    and courses of two issuers in one district. `roster`: the source may bring its own district and schools.
    `largest_withdrawal`: share of a district's students whom a complete list may leave out.
    """

    name: str
    files: list[FilePlan]
    roster: bool
    system: str = ""
    prefix: str = ""
    complete: Completeness = field(default_factory=Completeness)
    largest_withdrawal: float = 1.0

    def in_parts(self, file: FilePlan) -> bool:
        """True if the file may be merged part by part while it is read: all it can point to has been read before."""
        last = next((plan for plan in reversed(self.files) if plan.needed), None)
        return file is last and file.batches is not None and (file.only_results or not self.roster)
