"""From paths to sources: what lies in folders and archives, checked against the limits before anything is unpacked."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, cast

from campaign.intake import workbooks
from campaign.intake.problems import IntakeError, RowRefused
from campaign.settings import Intake

_MEGABYTE = 1024 * 1024
_CHUNK = 1 << 20
ZIP_BEGINS = b"PK\x03\x04"
EMPTY_ZIP_BEGINS = b"PK\x05\x06"


@dataclass(frozen=True)
class InputFile:
    """One file on disk or in an archive, or one sheet of a workbook.

    `package` is the folder, archive or workbook it came in, None if it was named itself. `remark`: what to tell of it.
    `refused`: rows (line, why) that were found useless before reading and are not in the text.
    """

    name: str
    size: int
    package: str | None
    open: Callable[[], IO[bytes]]
    remark: str = ""
    refused: Sequence[tuple[int, RowRefused]] = ()

    def head(self, size: int = 65536) -> bytes:
        with self.open() as stream:
            return stream.read(size)


@dataclass(frozen=True)
class Fingerprint:
    sha256: str
    encoding: str


def find_files(path: Path, limits: Intake) -> Iterator[InputFile | IntakeError]:
    """Every file that `path` stands for; what is not there, is no archive or breaks a limit comes as the error."""
    if path.is_dir():
        for file in sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith(".")):
            yield from _found(file, str(file.relative_to(path)), str(path), limits)
    elif path.is_file():
        yield from _found(path, path.name, None, limits)
    else:
        yield IntakeError(f"{path}: there is no such file or folder.", str(path))


def _found(file: Path, name: str, package: str | None, limits: Intake) -> Iterator[InputFile | IntakeError]:
    try:
        yield from list(_one(file, name, package, limits))
    except IntakeError as error:
        yield error
    except OSError as error:
        yield IntakeError(f"{name} cannot be opened ({error.strerror}).", name)


def _one(file: Path, name: str, package: str | None, limits: Intake) -> Iterator[InputFile]:
    size = file.stat().st_size
    with file.open("rb") as stream:
        begins = stream.read(8)
    if begins[:4] in (ZIP_BEGINS, EMPTY_ZIP_BEGINS):
        yield from _members(file, name, limits)
        return
    if begins == workbooks.OLE_BEGINS:
        yield from _sheets(name, str(file), size, lambda: file.open("rb"), limits)
        return
    _check_size(name, size, limits)
    yield InputFile(name, size, package, lambda: file.open("rb"))


def _check_size(name: str, size: int, limits: Intake) -> None:
    if size > limits.maximum_file_megabytes * _MEGABYTE:
        raise IntakeError(
            f"{name} is larger than {limits.maximum_file_megabytes} megabytes. If that is right, raise "
            "[intake] maximum_file_megabytes in config.toml.",
            name,
        )


def _sheets(
    name: str, package: str, size: int, opened: Callable[[], IO[bytes]], limits: Intake
) -> Iterator[InputFile]:
    if size > limits.maximum_workbook_megabytes * _MEGABYTE:
        raise IntakeError(
            f"{name} is a workbook larger than {limits.maximum_workbook_megabytes} megabytes. Save its sheets as CSV, "
            "or raise [intake] maximum_workbook_megabytes in config.toml.",
            name,
        )
    with _reading(name, name), opened() as stream:
        content = stream.read()
    for sheet in workbooks.sheets(name, content):
        yield InputFile(
            f"{name} › {sheet.name}",
            sheet.size,
            package,
            partial(_unpack, sheet.packed),
            sheet.remark,
            sheet.refused,
        )


def _unpack(packed: bytes) -> IO[bytes]:
    return cast(IO[bytes], gzip.GzipFile(fileobj=io.BytesIO(packed)))


def _members(file: Path, name: str, limits: Intake) -> Iterator[InputFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise IntakeError(
            f"{file.name} is not a complete zip archive ({error}). Download or export it again.", file.name
        ) from None
    _check_archive(file.name, members, limits)
    if workbooks.is_office_document(member.filename for member in members):
        size = sum(member.file_size for member in members)
        yield from _sheets(name, str(file), size, lambda: file.open("rb"), limits)
        return
    for member in members:
        opened = _opener(file, member.filename)
        with _reading(file.name, member.filename), opened() as stream:
            begins = stream.read(8)
        if begins[:4] in (ZIP_BEGINS, EMPTY_ZIP_BEGINS) or begins == workbooks.OLE_BEGINS:
            raise IntakeError(
                f"{file.name} holds another archive or a workbook, {member.filename}. Unpack it and import that one.",
                file.name,
            )
        yield InputFile(f"{file.name}/{member.filename}", member.file_size, str(file), opened)


def _opener(file: Path, member: str) -> Callable[[], IO[bytes]]:
    def opened() -> IO[bytes]:
        archive = zipfile.ZipFile(file)
        try:
            return archive.open(member)
        finally:
            # The member keeps the archive's file open until it is closed itself.
            archive.close()

    return opened


def _check_archive(name: str, members: list[zipfile.ZipInfo], limits: Intake) -> None:
    if not members:
        raise IntakeError(f"{name} is an empty archive. Export it again.", name)
    if len(members) > limits.maximum_zip_members:
        raise IntakeError(
            f"{name} holds {len(members)} files; at most {limits.maximum_zip_members} are allowed "
            "([intake] maximum_zip_members).",
            name,
        )
    if len({m.filename for m in members}) != len(members):
        raise IntakeError(f"{name} holds two files of the same name. Export it again.", name)
    for member in members:
        _check_member(name, member, limits)
    _check_size(name, sum(m.file_size for m in members), limits)


def _check_member(name: str, member: zipfile.ZipInfo, limits: Intake) -> None:
    inside = PurePosixPath(member.filename.replace("\\", "/"))
    if inside.is_absolute() or ".." in inside.parts or ":" in inside.parts[0]:
        raise IntakeError(
            f"{name} holds a file with a path that leads out of the archive. Nothing was unpacked.", name
        )
    if member.flag_bits & 0x1:
        raise IntakeError(f"{name} is protected with a password. Unpack it and import the folder.", name)
    if member.file_size > member.compress_size * limits.maximum_zip_ratio + _MEGABYTE:
        raise IntakeError(
            f"{name}: {member.filename} would grow more than {limits.maximum_zip_ratio} times when unpacked "
            "([intake] maximum_zip_ratio). Nothing was unpacked.",
            name,
        )


class _reading:  # noqa: N801  reads like the context manager it is
    """Turns what the zip library raises for a damaged member into an IntakeError."""

    def __init__(self, archive: str, member: str) -> None:
        self.archive, self.member = archive, member

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, zipfile.BadZipFile | EOFError | NotImplementedError | zlib.error):
            raise IntakeError(
                f"{self.archive}/{self.member} is damaged ({error}). Download or export the archive again.",
                self.archive,
            ) from None


def fingerprint(file: InputFile) -> Fingerprint:
    """Read the file once: its SHA-256, and whether it is UTF-8 or, failing that, Windows-1252.

    Raises IntakeError for an empty file, a damaged archive member, UTF-16 or bytes that are neither encoding.
    """
    if file.size == 0:
        raise IntakeError(f"{file.name} is empty (0 bytes). Export it again.", file.name)
    digest = hashlib.sha256()
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8", "cp1252")}
    for chunk in _chunks(file):
        digest.update(chunk)
        for name, decoder in list(decoders.items()):
            if not _decodes(decoder, chunk):
                del decoders[name]
    if "utf-8" in decoders and not _decodes(decoders["utf-8"], b"", final=True):
        del decoders["utf-8"]
    if not decoders or file.head(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise IntakeError(
            f"{file.name} is neither UTF-8 nor Windows-1252 text. Save it as “CSV UTF-8” and import again.",
            file.name,
        )
    return Fingerprint(digest.hexdigest(), next(iter(decoders)))


def _chunks(file: InputFile) -> Iterator[bytes]:
    try:
        with file.open() as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise IntakeError(
            f"{file.name} is damaged ({error}). Download or export it again.", file.name
        ) from None


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def open_text(file: InputFile, encoding: str) -> io.TextIOWrapper:
    """The file as text, without a byte order mark, line ends untouched."""
    return io.TextIOWrapper(
        file.open(), encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline=""
    )
