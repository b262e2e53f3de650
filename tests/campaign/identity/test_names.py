"""How sure two names with one birth date are one child's."""

from __future__ import annotations

import pytest

from campaign.identity.names import Child, Confidence, confidence, family_words, name_words

ANA = Child("Ana", "Peña", 4)


@pytest.mark.parametrize(
    ("other", "found"),
    [
        (Child("Ana", "Peña", 4), Confidence.HIGH),
        (Child("ANA", "PENA", 4), Confidence.HIGH),
        (Child("Ana ", " Peña", 4), Confidence.HIGH),
        (Child("Ana", "Peña", 5), Confidence.MEDIUM),
        (Child("Ana", "Peña"), Confidence.MEDIUM),
        (Child("Ana Lucía", "Peña", 4), Confidence.MEDIUM),
        (Child("Ana", "Peña López", 4), Confidence.MEDIUM),
        (Child("Ana", "Lopez-Pena", 4), Confidence.MEDIUM),
        (Child("Anna", "Peña", 4), Confidence.LOW),
        (Child("Luis", "Peña", 4), None),
        (Child("Ana", "López", 4), None),
        (Child("", "Peña", 4), None),
        (Child("Ana", "", 4), None),
    ],
)
def test_names_of_one_birth_date(other: Child, found: Confidence | None) -> None:
    assert confidence(ANA, other) == confidence(other, ANA) == found


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (Child("José", "Cruz", 3), Child("Pepe", "Cruz", 3), Confidence.MEDIUM),
        (Child("William", "O'Neil", 3), Child("Bill", "ONeil", 3), Confidence.MEDIUM),
        (Child("Seo-yeon", "Kim", 3), Child("Seo Yeon", "Kim", 3), Confidence.HIGH),
        (Child("Seo-yeon", "Kim", 3), Child("Grace", "Kim", 3, "Seoyeon"), Confidence.HIGH),
        (Child("Juan", "Cruz", 3), Child("Juana", "Cruz", 3), Confidence.LOW),
        (Child("Juan Carlos", "Cruz", 3), Child("Juan Pablo", "Cruz", 3), Confidence.LOW),
        (Child("Ana", "de la Cruz", 3), Child("Ana", "de la Torre", 3), None),
        (Child("Ana", "de la Cruz", 3), Child("Ana", "Cruz", 3), Confidence.MEDIUM),
        (Child("小明", "王", 3), Child("小明", "王", 3), Confidence.HIGH),
        (Child("Jon", "Smith", 3), Child("Jonathan", "Smith", 3), Confidence.MEDIUM),
    ],
)
def test_nicknames_twins_and_two_surnames(one: Child, other: Child, found: Confidence | None) -> None:
    assert confidence(one, other) == confidence(other, one) == found


def test_words_of_names() -> None:
    assert name_words("O’Neil-Peña") == ("oneil", "pena")
    assert family_words("de la Cruz") == {"cruz"}
    assert family_words("de la") == {"de", "la"}
