"""A client of the Ed-Fi data management API: discovery, token, paging, and waiting when the server asks for it.

It only reads. What it fetches becomes files that are imported like any other (`fetch.py`).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from campaign.plain_error import PlainError

PAGE = 500
_TIMEOUT = (10, 120)
_ATTEMPTS = 6
_LONGEST_WAIT_SECONDS = 300


class EdFiError(PlainError):
    """The server cannot be used; the message says why and what to do. It never holds a key, a token or a record."""


class NotAllowed(EdFiError):
    """The key may not read this resource."""


class NotThere(EdFiError):
    """The server has no such resource."""


class KeptChanging(EdFiError):
    """Records came or went while a resource was read, so that some may be missing."""


@dataclass(frozen=True)
class Server:
    """What the server says of itself at its base address."""

    data_standard: str
    token_url: str
    data_url: str


class EdFiApi:
    """One server, one key. Raises EdFiError for an address, key or answer that cannot be used.

    A busy server (429, 502, 503, 504) is asked again: after the time its `Retry-After` names, else after a doubling
    pause.
    """

    def __init__(self, base_url: str, key: str, secret: str, page: int = PAGE) -> None:
        _check_address(base_url)
        self.base_url = base_url.rstrip("/")
        self._login = (key, secret)
        self._page = page
        self._token: str | None = None
        self._session = requests.Session()
        waiting = Retry(
            total=_ATTEMPTS,
            backoff_factor=0.5,
            status_forcelist=(429, 502, 503, 504),
            allowed_methods=None,
            respect_retry_after_header=True,
            retry_after_max=_LONGEST_WAIT_SECONDS,
            raise_on_status=False,
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=waiting))
        self.server = self._discover()

    def close(self) -> None:
        self._session.close()

    def _discover(self) -> Server:
        said = self._json(self._send("GET", self.base_url))
        try:
            urls = said["urls"]
            standard = next(m["version"] for m in said["dataModels"] if m["name"].casefold() == "ed-fi")
            server = Server(str(standard), str(urls["oauth"]), str(urls["dataManagementApi"]))
        except (KeyError, TypeError, StopIteration):
            raise EdFiError(
                f"{self.base_url} is no Ed-Fi API: it does not say where its token and data are. "
                "Give the address that ends before /data/v3."
            ) from None
        home = urlsplit(self.base_url).hostname
        for url in (server.token_url, server.data_url):
            _check_address(url)
            if urlsplit(url).hostname != home:
                raise EdFiError(
                    f"{self.base_url} points to another server ({urlsplit(url).hostname}); the key is not sent there."
                )
        return server

    def _send(self, method: str, url: str, **options: Any) -> requests.Response:
        try:
            answer = self._session.request(method, url, timeout=_TIMEOUT, allow_redirects=False, **options)
        except requests.RequestException as error:
            raise EdFiError(
                f"{url.split('?')[0]} does not answer ({type(error).__name__}). Try again, or ask who runs the server."
            ) from None
        if answer.is_redirect:
            raise EdFiError(f"{url.split('?')[0]} sends to another address. Set that address instead.")
        return answer

    def _json(self, answer: requests.Response) -> Any:
        try:
            if answer.ok:
                return answer.json()
        except ValueError:
            raise EdFiError(f"{_place(answer)} answered with something else than JSON.") from None
        raise EdFiError(f"{_place(answer)} answered {answer.status_code}. Try again later.")

    def _authorise(self) -> str:
        answer = self._send(
            "POST", self.server.token_url, data={"grant_type": "client_credentials"}, auth=self._login
        )
        if answer.status_code in (400, 401, 403):
            raise EdFiError(
                "The server refuses the key or secret. Set EDFI_KEY and EDFI_SECRET to those of your district."
            )
        token = self._json(answer).get("access_token")
        if not token:
            raise EdFiError(f"{_place(answer)} gave no token. Ask who runs the server.")
        return str(token)

    def _get(self, resource: str, **query: Any) -> requests.Response:
        """One page; a token that has run out is asked for again, once."""
        url = f"{self.server.data_url.rstrip('/')}/ed-fi/{resource}"
        for fresh in (False, True):
            if fresh or self._token is None:
                self._token = self._authorise()
            answer = self._send("GET", url, params=query, headers={"Authorization": f"Bearer {self._token}"})
            if answer.status_code != 401:
                break
        if answer.status_code in (401, 403):
            raise NotAllowed(f"The key may not read {resource}. Ask for a key whose claim set reads it.")
        if answer.status_code == 404:
            raise NotThere(f"The server has no {resource}.")
        return answer

    def records(self, resource: str) -> Iterator[dict[str, Any]]:
        """Every record of a resource once, page by page.

        Raises KeptChanging if the server's own count moves, or does not agree with what was read.
        """
        seen: set[str] = set()
        offset, total = 0, None
        while total is None or offset < total:
            page, count = self._page_of(resource, offset)
            total = count if total is None else total
            new = [record for record in page if record.get("id") not in seen]
            seen.update(str(record["id"]) for record in new if "id" in record)
            if count != total or len(new) < len(page) or (not page and offset < total):
                raise KeptChanging(f"{resource} changed while it was read. Fetch at a quiet time.")
            yield from new
            offset += len(page)

    def _page_of(self, resource: str, offset: int) -> tuple[list[dict[str, Any]], int]:
        """The records of one page, and how many the server says there are in all."""
        answer = self._get(resource, limit=self._page, offset=offset, totalCount="true")
        page = self._json(answer)
        if not isinstance(page, list) or not all(isinstance(record, dict) for record in page):
            raise EdFiError(f"{_place(answer)} answered with something else than a list of records.")
        return page, int(answer.headers.get("Total-Count", offset + len(page)))


def _place(answer: requests.Response) -> str:
    return str(answer.url).split("?")[0]


def _check_address(url: str) -> None:
    """Children's records travel encrypted, or not beyond this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname and _is_this_machine(parts.hostname):
        return
    raise EdFiError(f"{url.split('?')[0]} must begin with https://.")


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
