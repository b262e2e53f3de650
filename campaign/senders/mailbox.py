"""The sender that needs no provider: a folder of real .eml files, and of .txt files for text messages."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from campaign.senders.contract import (
    Accepted,
    Found,
    MailIdentity,
    NotSent,
    Outcome,
    OutgoingMessage,
    Permanent,
    Retryable,
)
from campaign.senders.email_message import compose

_SUFFIX = {"email": ".eml", "sms": ".txt"}
_TRY_AGAIN = timedelta(minutes=5)


@dataclass(frozen=True)
class MailboxSender:
    """Writes <folder>/<channel>/<public_id>.eml or .txt.

    A message is complete or absent, and there is at most one file of a message: it is written under another name,
    forced to disk, then linked to its own name, which the file system does once only.
    """

    folder: Path
    identity: MailIdentity
    name: str = "mailbox"
    channels: frozenset[str] = field(default=frozenset(_SUFFIX))
    in_flight: int = 200

    def send(self, *, message: OutgoingMessage) -> Outcome:
        try:
            content = self._content(message)
        except ValueError as error:
            return Permanent(f"cannot be written as {message.channel}: {type(error).__name__}")
        target = self._file(message.channel, message.public_id)
        try:
            self._write_once(target, content)
        except OSError as error:
            return Retryable(_TRY_AGAIN, f"the mailbox folder cannot be written: {error.strerror}")
        return Accepted(target.name)

    def lookup(self, *, public_id: str) -> Found:
        files = [self._file(channel, public_id) for channel in _SUFFIX]
        return next((Accepted(file.name) for file in files if file.exists()), NotSent())

    def close(self) -> None:
        """Files are closed one by one."""

    def _content(self, message: OutgoingMessage) -> bytes:
        if message.channel == "email":
            return compose(message, self.identity)
        head = f"To: {message.to}\nDate: {message.at.isoformat()}\nLanguage: {message.language}\n\n"
        return (head + message.text).encode()

    def _file(self, channel: str, public_id: str) -> Path:
        return self.folder / channel / (public_id + _SUFFIX[channel])

    def _write_once(self, target: Path, content: bytes) -> None:
        unfinished = self.folder / "unfinished"
        for folder in (target.parent, unfinished):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = unfinished / f"{target.name}.{os.getpid()}"
        with partial.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(partial, target)
        except FileExistsError:
            return
        finally:
            partial.unlink()
        _force_to_disk(target.parent)


def _force_to_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
