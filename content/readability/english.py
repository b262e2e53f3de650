"""Syllables of English words, by rule; words that no rule fits stand in `words/en.toml`."""

from __future__ import annotations

import re

from content.readability.lists import listed

_VOWELS = re.compile(r"[aeiouy]+")
# Two vowels next to one another that are heard as two.
_SPLIT = re.compile(
    r"i(?:a(?!l$|n$)|o(?!u|n|us)|um|et(?!y))|eo(?!n|us)|[^gq]ua(?!r)|uary$|[^aeiou]uou|yi|ei(?:ng|t[hy])|ying|oi?ng$|eat(?:e|i)|rea(?:t|l)"
)


def english_syllables(word: str) -> int:
    """Syllables of an English word, at least 1; a number counts one for each of its digits."""
    plain = word.lower().replace("’", "'")
    known = listed("en").syllables
    if plain in known:
        return known[plain]
    if "-" in plain:
        return sum(english_syllables(part) for part in plain.split("-") if part)
    stem = plain.removesuffix("'s").replace("'", "")
    if stem in known:
        return known[stem]
    if not stem.isalpha():
        return max(len(stem), 1)
    return max(_by_rule(stem), 1)


def _by_rule(word: str) -> int:
    count = len(_VOWELS.findall(word)) + len(_SPLIT.findall(word))
    if re.search(r"[^aeiouyl]e$|[aeiouy]le$|[gq]ue$|[aeiou]re$", word) or re.search(
        r"[aeiou][^aeiouy]+e$", word
    ):
        silent = not re.search(r"[^aeiouy]le$", word)
        count -= 1 if silent and count > 1 else 0
    if re.search(r"[^aeiouytd]ed$|[aeiouy]ed$", word) and not re.search(r"[iu]ed$|eed$", word):
        count -= 1
    if re.search(r"[^aeiouyscxz]es$", word) and not re.search(r"(?:ch|sh|g|l)es$", word) and count > 1:
        count -= 1
    if re.search(r"[aeiou][^aeiouy]les$", word):
        count -= 1
    if re.search(r"[^aeiouy](?:ely|eful|eless|ement|etime)", word):
        count -= 1
    if re.search(r"(?:sm|thm)$", word):
        count += 1
    return count
