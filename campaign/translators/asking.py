"""One question over HTTP, as all translators ask it: time-outs, no redirects, a bounded answer, clear failures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from campaign.translators.contract import NotTranslated, TranslatorBusy, TranslatorFailed

CONNECT_SECONDS, READ_SECONDS = 5.0, 20.0
LARGEST_ANSWER_BYTES = 2_000_000
# What services answer when their letters or requests of a time are used up; DeepL has a number of its own for it.
_BUSY = {429, 456, 503}


@dataclass(frozen=True)
class Question:
    """A POST. `body` is sent as JSON, or as a form where `form` says so. The words stay out of `repr`."""

    url: str
    body: Any = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: bool = False
    seconds: float = READ_SECONDS


def ask(service: str, question: Question) -> Any:
    """The JSON that the service answers. Raises the failures of `contract.Translator`."""
    content: dict[str, Any] = {"data": question.body} if question.form else {"json": question.body}
    try:
        with requests.post(
            question.url,
            headers=dict(question.headers),
            params=dict(question.query),
            timeout=(CONNECT_SECONDS, question.seconds),
            allow_redirects=False,
            stream=True,
            **content,
        ) as answer:
            return _read(service, answer)
    except requests.RequestException as error:
        # The kind alone: the words of an error may hold the address, in which some services want a key.
        raise TranslatorFailed(f"{service} did not answer ({type(error).__name__})") from None


def _read(service: str, answer: requests.Response) -> Any:
    status = answer.status_code
    if status in _BUSY:
        raise TranslatorBusy(f"{service} takes nothing at the moment (it answered {status})")
    if status in {401, 403}:
        raise NotTranslated(
            f"{service} does not accept the key (it answered {status}); see TRANSLATION_API_KEY"
        )
    if 400 <= status < 500:
        raise NotTranslated(f"{service} does not translate this (it answered {status})")
    if status != requests.codes.ok:
        raise TranslatorFailed(f"{service} answered {status}")
    content = bytearray()
    for part in answer.iter_content(65_536):
        content += part
        if len(content) > LARGEST_ANSWER_BYTES:
            raise TranslatorFailed(f"{service} sent more than {LARGEST_ANSWER_BYTES:,} bytes")
    try:
        return json.loads(content)
    except ValueError:
        raise TranslatorFailed(f"{service} sent something that is not JSON") from None


def text_at(service: str, answer: Any, *path: str | int) -> str:
    """The text at this place of the answer. Raises TranslatorFailed where it is not one."""
    found = answer
    for key in path:
        try:
            found = found[key]
        except (KeyError, IndexError, TypeError):
            raise TranslatorFailed(f"{service} sent an answer of another form") from None
    if not isinstance(found, str) or not found.strip():
        raise TranslatorFailed(f"{service} sent an empty translation")
    return found
