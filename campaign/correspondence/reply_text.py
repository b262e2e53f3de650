"""What a person wrote in a reply, without what their mail program added: the quoted message and the signature.

Nothing is guessed away: where nothing would be left, all of it counts as written. The whole text is kept elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# A mail longer than this is no note of a family; the words after it are kept, not shown.
LONGEST = 20_000
_MOST_SIGNATURE_LINES = 12

# "On 2 November, North School wrote:" as mail programs say it in the languages of families; it may fill two lines.
_WROTE = re.compile(
    r"(?:^|\b)(?:wrote|escribi[óo]|escreveu|a [ée]crit|ekri|написал(?:а|\(а\))?|пишет|schrieb|ha scritto|"
    r"đã viết|qoray|كتبت?|写道|寫道|님이 작성|sumulat|نے لکھا)\s*[:：]?\s*$",
    re.IGNORECASE,
)
_WHEN_OR_WHO = re.compile(r"\d|@|<")
_DIVIDER = re.compile(
    r"^\s*(?:-{2,}\s*(?:original message|forwarded message|mensaje original|mensaje reenviado|mensagem original|"
    r"message d'origine|исходное сообщение|原始邮件)\s*-{2,}|_{20,})\s*$",
    re.IGNORECASE,
)
# Outlook puts the header of the message before it in the reader's language, without a mark in front of the lines.
_HEADER = re.compile(
    r"^\s*\*?(from|de|от|من|发件人|보낸 사람|từ|mula kay|sent|enviado(?: el)?|fecha|date|отправлено|发送时间|to|para|"
    r"subject|asunto|assunto|тема|主题)\s*\*?\s*[:：]",
    re.IGNORECASE,
)
_SENT_FROM = re.compile(
    r"^\s*(?:sent from my|sent from (?:outlook|yahoo|mail)|get outlook for|enviado desde|enviado do meu|"
    r"envoyé de mon|отправлено с|发自我的|나의 .{1,20}에서 보냄|được gửi từ)\b.{0,60}$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"^\s*(?:>|\|)")
# What mail programs put before the subject of a message that is answered or passed on: the rest is not the writer's.
_ANSWERS = re.compile(
    r"^\s*(?:re|rv|fw|fwd|aw|wg|tr|enc|res|ynt|sv|vs|antw|ответ|отв|пересл|回复|回覆|答复|转发|轉寄|답장|전달|رد)"
    r"(?:\s*\[\d+\])?\s*[:：]",
    re.IGNORECASE,
)
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean(text: str) -> str:
    """`text` with one kind of line end and without signs that are no text and that the database takes for none."""
    return _NOT_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def own_words(text: str) -> str:
    """What the person wrote in an e-mail; every line of it is a line of `text`."""
    lines = clean(text)[:LONGEST].split("\n")
    kept = _without_signature(_without_quotes(lines))
    words = "\n".join(kept).strip()
    return words or "\n".join(lines).strip()


def with_subject(subject: str | None, words: str) -> str:
    """The words with the subject above them, where the writer thought of one; many write nothing else."""
    own = " ".join(clean(subject or "").split())
    if not own or _ANSWERS.match(own) or own.casefold() in words.casefold():
        return words
    return f"{own}\n{words}".rstrip()


def _without_quotes(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        taken = _attribution(lines, number)
        if taken:
            # Marked lines follow and are left out one by one, for the answer may stand below or between them.
            if not _marked_follow(lines, number + taken):
                break
            number += taken
            continue
        if _DIVIDER.match(line) or _begins_header(lines, number):
            break
        if not _QUOTED.match(line):
            kept.append(line)
        number += 1
    return kept


def _attribution(lines: Sequence[str], number: int) -> int:
    """How many lines "On … wrote:" fills from here on; 0 where it does not stand here."""
    for taken in (1, 2):
        said = " ".join(lines[number : number + taken]).strip()
        if len(said) <= 300 and _WROTE.search(said) and _WHEN_OR_WHO.search(said):
            return taken if lines[number].strip() else 0
    return 0


def _marked_follow(lines: Sequence[str], number: int) -> bool:
    following = [line for line in lines[number : number + 5] if line.strip()]
    return bool(following) and bool(_QUOTED.match(following[0]))


def _begins_header(lines: Sequence[str], number: int) -> bool:
    """Three header lines within four: one alone may be a person's own words ("To: the teacher")."""
    if not _HEADER.match(lines[number]):
        return False
    return sum(bool(_HEADER.match(line)) for line in lines[number : number + 4]) >= 3


def _without_signature(lines: Sequence[str]) -> list[str]:
    for number, line in enumerate(lines):
        rest = lines[number + 1 :]
        if line.rstrip() == "--" and sum(bool(one.strip()) for one in rest) <= _MOST_SIGNATURE_LINES:
            return list(lines[:number])
    return [line for line in lines if not _SENT_FROM.match(line)]
