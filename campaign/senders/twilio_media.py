"""Pictures and other files that families text: fetched from Twilio with the account's own credentials.

Source: Twilio, Media resource; Programmable Messaging webhooks (NumMedia, MediaUrl0 and so on).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import requests

# Twilio takes ten files a message.
_MOST = 10
_CONNECT_SECONDS, _READ_SECONDS = 3.0, 5.0
# Twilio waits fifteen seconds for our answer; the words of the family are kept whatever becomes of the files.
_ALL_SECONDS = 9.0
_PIECE = 64 * 1024
_MOVED = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class MediaDoor:
    """Where files are fetched, and as whom; `most_bytes`: of one file, of which no more than one byte more is read."""

    host: str
    account_sid: str
    token: str = field(repr=False)
    most_bytes: int

    def fetch(self, form: Mapping[str, str]) -> list[bytes | None]:
        """The files of a message in their order; None where one cannot be fetched."""
        ends, found = time.monotonic() + _ALL_SECONDS, []
        for url in addresses(form):
            left = ends - time.monotonic()
            found.append(self._file(url, left) if left > 0 and self._is_ours(url) else None)
        return found

    def _is_ours(self, url: str) -> bool:
        """Credentials go to the account's own messages at the provider, and nowhere else."""
        return url.startswith(f"{self.host}/2010-04-01/Accounts/{self.account_sid}/Messages/")

    def _file(self, url: str, seconds: float) -> bytes | None:
        limits = (min(_CONNECT_SECONDS, seconds), min(_READ_SECONDS, seconds))
        own = (self.account_sid, self.token)
        try:
            with requests.get(url, auth=own, timeout=limits, stream=True, allow_redirects=False) as answer:
                if answer.status_code not in _MOVED:
                    return self._read(answer)
                store = urljoin(url, answer.headers.get("Location", ""))
            # Twilio keeps the files themselves elsewhere, under an address that needs no credentials.
            if urlsplit(store).scheme != "https" and not store.startswith(f"{self.host}/"):
                return None
            with requests.get(store, timeout=limits, stream=True, allow_redirects=False) as answer:
                return self._read(answer)
        except requests.RequestException:
            return None

    def _read(self, answer: requests.Response) -> bytes | None:
        if answer.status_code != 200:
            return None
        content = bytearray()
        for piece in answer.iter_content(_PIECE):
            content += piece
            if len(content) > self.most_bytes:
                return bytes(content[: self.most_bytes + 1])
        return bytes(content)


def addresses(form: Mapping[str, str]) -> Sequence[str]:
    """Where the files of a message lie."""
    return list(_addresses(form))


def _addresses(form: Mapping[str, str]) -> Iterator[str]:
    said = form.get("NumMedia", "0")
    for number in range(min(int(said), _MOST) if said.isascii() and said.isdigit() else 0):
        if url := form.get(f"MediaUrl{number}"):
            yield url
