"""From an Ed-Fi API to a folder of files, one a resource, each whole or not there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from campaign.intake.edfi.api import EdFiApi, KeptChanging, NotAllowed, NotThere
from campaign.intake.edfi.json_records import HEADER, resources

Progress = Callable[[str, int], None]
NEEDED = ("schools", "students")
_TELL_EVERY = 500
_ROUNDS = 3


@dataclass(frozen=True)
class Fetched:
    """One resource: how many records, or why there is no file."""

    resource: str
    records: int
    problem: str = ""


def fetch(api: EdFiApi, folder: Path, now: datetime, progress: Progress | None = None) -> list[Fetched]:
    """Write `RESOURCE.jsonl` for everything the program reads, readable by the owner alone.

    A resource the key may not read, or the server has not, is reported and left out. Raises EdFiError where nothing
    useful can come of it: no schools, no students, a server that stops answering; and KeptChanging for a resource that
    did not hold still three times.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found: list[Fetched] = []
    absent: dict[str, Fetched] = {}
    for name, resource in resources().items():
        if resource.instead_of and resource.instead_of not in absent:
            continue
        try:
            count = _steady(api, name, folder, now, progress)
        except (NotAllowed, NotThere) as error:
            if name in NEEDED:
                raise
            absent[name] = Fetched(name, 0, str(error))
        else:
            absent.pop(resource.instead_of or "", None)
            found.append(Fetched(name, count))
    return found + list(absent.values())


def _steady(api: EdFiApi, name: str, folder: Path, now: datetime, progress: Progress | None) -> int:
    for attempt in range(_ROUNDS):
        try:
            return _write(api, name, folder / f"{name}.jsonl", now, progress)
        except KeptChanging:
            if attempt == _ROUNDS - 1:
                raise
    raise AssertionError("every round returns or raises")


def _write(api: EdFiApi, name: str, file: Path, now: datetime, progress: Progress | None) -> int:
    partial = file.with_suffix(".part")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            header = {HEADER: name, "data_standard": api.server.data_standard, "fetched_at": now.isoformat()}
            out.write(json.dumps(header) + "\n")
            count = 0
            for count, line in enumerate(_lines(api, name), 1):
                out.write(line)
                if progress and count % _TELL_EVERY == 0:
                    progress(name, count)
        partial.replace(file)
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()
    return count


def _lines(api: EdFiApi, name: str) -> Iterator[str]:
    for record in api.records(name):
        yield json.dumps(record, ensure_ascii=False) + "\n"
