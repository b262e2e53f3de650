"""What a person means who answers a message: no more, again, who are you, wrong number. Pure; its words are data.

The words stand in `opt_out.toml`, in twelve languages; every answer is held against all of them, for people write in
other languages than the one on file.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any


class Kind(StrEnum):
    STOP = "stop"
    START = "start"
    HELP = "help"
    WRONG = "wrong"
    NONE = "none"


class Confidence(StrEnum):
    """`SURE` holds at once; of `UNSURE` a person decides."""

    SURE = "sure"
    UNSURE = "unsure"


@dataclass(frozen=True)
class Meaning:
    """`only_if_stopped`: it means this from somebody who has stopped, and nothing from anybody else."""

    kind: Kind
    confidence: Confidence = Confidence.SURE
    only_if_stopped: bool = False


NOTHING = Meaning(Kind.NONE)
# Longer answers than these many words speak of something else beside, or of something else only.
SHORT, BRIEF = 8, 4
_LONGEST = 2000
_SENTENCE_ENDS = re.compile(r"[.!?;\n]+")
_STRONG = frozenset({"stop", "unsubscribe", "alto", "basta", "stopall", "optout"})
_QUOTED = re.compile(
    r"^(?:>|-{3,}|_{5,}|(?:On|El|Em|Le|Am)\b.*(?:wrote|escribi\S*|escreveu|crit|schrieb)\s*:|From:|De:)",
    re.MULTILINE,
)
_SIGNATURE = re.compile(r"^(?:Sent from my|Enviado desde|Get Outlook for).*$", re.MULTILINE | re.IGNORECASE)
_LETTERS_WITHOUT_PARTS = str.maketrans(
    {"đ": "d", "ł": "l", "ø": "o", "ı": "i", "’": "", "'": "", "ʼ": "", "`": ""}
)


def interpret(text: str) -> Meaning:
    """What an answer to a message means; NOTHING for one that is about something else.

    Of an e-mail only what stands above the quoted message counts: that one tells how to stop itself.
    """
    own = own_words(text)
    said = _Said.of(own)
    if not said.plain:
        return _unsure(Kind.STOP) if any(sign in own for sign in _rules()["signs"]) else NOTHING
    return next((found for found in _readings(said) if found), NOTHING)


def own_words(text: str) -> str:
    """The answer without the message that it quotes and without what a telephone adds."""
    cut = _QUOTED.search(text)
    return _SIGNATURE.sub("", text[: cut.start()] if cut else text)[:_LONGEST].strip()


def channels_named(text: str) -> frozenset[str]:
    """The channels that an answer speaks of: "stop texting me" may come by e-mail."""
    said = f" {folded(own_words(text))} "
    named = _document()["rules"]["channels"]
    return frozenset(channel for channel, words in named.items() if any(f" {one} " in said for one in words))


def words_in_notices() -> frozenset[str]:
    """The words with which a text message of ours tells how to stop, as they stand there."""
    return frozenset(_rules()["in_notices"])


@dataclass(frozen=True)
class _Said:
    """An answer in the forms in which it is compared: bare (no accents), accented, and joined (no blanks). `sentences`
    are the bare ones, without courtesies."""

    plain: str
    accented: str
    joined: str
    kernel: str
    accented_kernel: str
    sentences: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> _Said:
        plain, accented = folded(text), folded(text, keep_accents=True)
        sentences = tuple(_kernel(folded(one)) for one in _SENTENCE_ENDS.split(text))
        return cls(plain, accented, accented.replace(" ", ""), _kernel(plain), _kernel(accented), sentences)

    @property
    def length(self) -> int:
        return len(self.plain.split())

    def form(self, language: str, *, kernel: bool) -> str:
        words = _words()[language]
        if words["joined"]:
            return self.joined
        if words["keep_accents"]:
            return self.accented_kernel if kernel else self.accented
        return self.kernel if kernel else self.plain


def folded(text: str, *, keep_accents: bool = False) -> str:
    """Small letters, one blank between words, nothing else; accents only if they are kept."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("&", " and ")
    if not keep_accents:
        parts = unicodedata.normalize("NFKD", text)
        text = unicodedata.normalize(
            "NFC", "".join(sign for sign in parts if not unicodedata.combining(sign))
        )
        text = text.translate(_LETTERS_WITHOUT_PARTS)
    text = re.sub(r"['’ʼ`]", "", text)
    return " ".join(re.sub(r"[\W_]+", " ", text).split())


def _kernel(said: str) -> str:
    """The answer without courtesies around it and without repetitions: STOP STOP please."""
    courtesies = _rules()["courtesies"]
    words = said.split()
    if len(words) > SHORT:
        return said
    kept = [word for word in words if word not in courtesies]
    if not kept:
        return said
    return kept[0] if len(set(kept)) == 1 else " ".join(kept)


def _readings(said: _Said) -> Iterable[Meaning | None]:
    """The readings of an answer, the surest and gravest first."""
    yield _wrong(said)
    yield Meaning(Kind.STOP) if _is(said, "stop") else None
    yield _by_phrase(said)
    yield Meaning(Kind.START) if _is(said, "start") else None
    yield Meaning(Kind.START, only_if_stopped=True) if _is(said, "start_if_stopped") else None
    yield Meaning(Kind.HELP) if _is(said, "help") else None
    yield Meaning(Kind.STOP) if said.length <= SHORT and _STRONG & {*said.sentences} else None
    yield _unsure(Kind.WRONG) if _holds(said, "wrong_perhaps") else None
    yield _unsure(Kind.STOP) if _holds(said, "stop_perhaps") else None
    yield _by_slip(said)
    yield _unsure(Kind.STOP) if _stands_out(said) or _STRONG & {*said.sentences} else None


def _unsure(kind: Kind) -> Meaning:
    return Meaning(kind, Confidence.UNSURE)


def _wrong(said: _Said) -> Meaning | None:
    if any(f" {phrase} " in f" {said.plain} " for phrase in _rules()["not_wrong"]):
        return None
    if _is(said, "wrong"):
        return Meaning(Kind.WRONG)
    if not _holds(said, "wrong_phrases"):
        return None
    is_brief = said.length <= SHORT or _by_phrase(said) == Meaning(Kind.STOP)
    return Meaning(Kind.WRONG) if is_brief else _unsure(Kind.WRONG)


def _by_phrase(said: _Said) -> Meaning | None:
    """A request in a sentence: please stop texting me. Asked or told, it is for a person to read."""
    if not _holds(said, "stop_phrases"):
        return None
    asked = any(f" {words} " in f" {said.plain} " for words in _rules()["questions"])
    return _unsure(Kind.STOP) if asked else Meaning(Kind.STOP)


def _is(said: _Said, entry: str) -> bool:
    """Whether the whole answer is one of these words, with courtesies or without."""
    return any(
        said.form(language, kernel=kernel) in words[entry]
        for language, words in _words().items()
        for kernel in (True, False)
    )


def _holds(said: _Said, entry: str) -> bool:
    """Whether one of these phrases stands in the answer and is not turned round by a word before it."""
    for language, words in _words().items():
        text = said.form(language, kernel=False)
        if words["joined"]:
            if any(phrase.replace(" ", "") in text for phrase in words[entry]):
                return True
            continue
        pattern = words["patterns"].get(entry)
        if pattern and any(not _is_turned_round(text[: found.start()]) for found in pattern.finditer(text)):
            return True
    return False


def _is_turned_round(before: str) -> bool:
    """Whether one of the last two words is a negation: please don't ever (stop texting)."""
    return any(word in _rules()["negations"] for word in before.split()[-2:])


def _by_slip(said: _Said) -> Meaning | None:
    """A single word that is nearly one of ours; of a short one that may be another word nothing is thought."""
    word = said.kernel
    for meant, typos in _rules()["typos"].items():
        if word in typos:
            return Meaning(Kind.WRONG if meant == "wrong" else Kind.HELP if meant == "help" else Kind.STOP)
    if " " in word or word in _rules()["other_words"] or not word.isascii():
        return None
    for keyword in ("unsubscribe", "cancelar", "stopall"):
        if len(word) >= 6 and _distance(word, keyword) <= 2:
            return Meaning(Kind.STOP)
    near = any(
        _distance(word, keyword) == 1 for keyword in ("stop", "cancel", "parar", "basta") if len(word) >= 4
    )
    return _unsure(Kind.STOP) if near else None


def _stands_out(said: _Said) -> bool:
    """Whether "stop" and its like stand in a very short answer, or begin or end a longer one, and are no noun there."""
    words = said.plain.split()
    for place, word in enumerate(words):
        if word not in _STRONG or _is_turned_round(" ".join(words[:place])):
            continue
        before, after = words[place - 1] if place else "", words[place + 1] if place + 1 < len(words) else ""
        if before in _rules()["before_a_noun"] or after in _rules()["after_a_noun"]:
            continue
        if len(words) <= BRIEF or place in (0, len(words) - 1):
            return True
    return False


def _distance(one: str, other: str) -> int:
    """Letters to add, leave out, change or swap with their neighbour (restricted Damerau-Levenshtein)."""
    before: list[int] = []
    last: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = last, row, [i]
        for j, wanted in enumerate(other, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if before and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                best = min(best, before[j - 2] + 1)
            row.append(best)
    return row[-1]


_ENTRIES = ("stop", "start", "start_if_stopped", "help", "wrong")
_PHRASES = ("stop_phrases", "stop_perhaps", "wrong_phrases", "wrong_perhaps")


@cache
def _document() -> dict[str, Any]:
    written = resources.files("campaign.consents").joinpath("opt_out.toml").read_text("utf-8")
    return tomllib.loads(written)


@cache
def _rules() -> dict[str, Any]:
    rules: dict[str, Any] = _document()["rules"]
    listed = {name: frozenset(words) for name, words in rules.items() if isinstance(words, list)}
    return listed | {"typos": {meant: frozenset(words) for meant, words in rules["typos"].items()}}


@cache
def _words() -> dict[str, dict[str, Any]]:
    """Language → entry → words, folded as answers are."""
    return {name: _language(entry) for name, entry in _document().items() if name != "rules"}


def _language(entry: dict[str, Any]) -> dict[str, Any]:
    joined, accents = entry.get("joined", False), entry.get("keep_accents", False)

    def fold(words: Sequence[str]) -> list[str]:
        plain = [folded(word.replace("*", "QQ"), keep_accents=joined or accents) for word in words]
        return [word.replace(" ", "") for word in plain] if joined else plain

    known: dict[str, Any] = {name: frozenset(fold(entry.get(name, ()))) for name in (*_ENTRIES, *_PHRASES)}
    patterns = {name: _pattern(fold(entry[name])) for name in _PHRASES if entry.get(name) and not joined}
    return known | {"joined": joined, "keep_accents": accents, "patterns": patterns}


def _pattern(phrases: Sequence[str]) -> re.Pattern[str]:
    written = (re.escape(phrase).replace("qq", r"\S+(?: \S+)?") for phrase in phrases)
    return re.compile(rf"(?<!\S)(?:{'|'.join(written)})(?!\S)")
