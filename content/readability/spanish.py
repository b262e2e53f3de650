"""Syllables of Spanish words, by the rules of its spelling, which leave no room for exceptions but foreign words."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

_STRONG, _WEAK, _ACCENTED_WEAK = set("aeoáéóàèò"), set("iuüy"), set("íú")
_VOWELS = re.compile(r"[aeiouyáéíóúüàèò]+")


def spanish_syllables(word: str) -> int:
    """Syllables of a Spanish word: two strong vowels part, a weak one joins its neighbour unless it carries the accent.

    A silent u (que, gui) is no vowel; an h between vowels does not part them (ahi-jado, pro-hí-be); y is a vowel at a
    word's end alone. A number counts one for each digit, letters said by name (PTA) one for each letter.
    """
    plain = unicodedata.normalize("NFC", word)
    if "-" in plain:
        return max(sum(spanish_syllables(part) for part in plain.split("-") if part), 1)
    if any(letter.isdigit() for letter in plain):
        return max(sum(letter.isdigit() for letter in plain), 1)
    if len(plain) > 1 and plain.isupper() and not _VOWELS.search(plain.lower()):
        return len(plain)
    plain = plain.lower()
    plain = re.sub(r"qu(?=[eiéí])", "q", plain)
    plain = re.sub(r"gu(?=[eiéí])", "g", plain)
    plain = re.sub(r"(?<=[aeiouáéíóúü])h(?=[aeiouáéíóúü])(?!u[aeioáéíó])", "", plain)
    plain = re.sub(r"y(?=[aeiouáéíóú])", "ʝ", plain)
    return max(sum(_nuclei(group) for group in _VOWELS.findall(plain)), 1)


def _nuclei(vowels: str) -> int:
    """Syllables in a run of vowels."""
    count = 1
    for before, after in pairwise(vowels):
        both_strong = before in _STRONG and after in _STRONG
        accent_parts = (before in _ACCENTED_WEAK and after in _STRONG) or (
            before in _STRONG and after in _ACCENTED_WEAK
        )
        same = before == after and before in _WEAK
        if both_strong or accent_parts or same:
            count += 1
    return count
