"""Every system of language codes that exports use, with its traps; what is not known is asked for, never English."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from campaign.intake.vocabulary import Language, read_language


def tag_of(value: str, state: str | None = None) -> str | None:
    language = read_language(value, state)
    return language.tag if language else None


# Each language once by its terminology code, bibliographic code, two-letter code and name.
ALIKE = {
    "zh": ("zho", "chi", "zh", "Chinese"),
    "fr": ("fra", "fre", "fr", "French"),
    "de": ("deu", "ger", "de", "German"),
    "fa": ("fas", "per", "fa", "Farsi"),
    "my": ("mya", "bur", "my", "Burmese"),
    "hy": ("hye", "arm", "hy", "Armenian"),
    "nl": ("nld", "dut", "nl", "Dutch"),
    "es": ("spa", "SPN", "es", "Spanish, Castilian"),
    "ht": ("hat", "HAT ", "ht", "Haitian, Haitian Creole"),
    "ar": ("ara", "ARA", "ar", "Arabic"),
}
# Of ISO 639-3 alone, or of a family that one code stands for.
OWN = ["hmn", "mww", "yue", "cmn", "prs", "mam", "quc", "rhg", "fil", "ceb"]
NOT_KNOWN = [
    "zz9",
    "qqq",
    "99",
    "mis",
    "und",
    "mul",
    "zxx",
    "Other",
    "(Other)",
    "N/A",
    "0",
    "e",
    "--",
]


@pytest.mark.parametrize("tag", ALIKE)
def test_one_language_under_all_its_codes(tag: str) -> None:
    assert {tag_of(code) for code in ALIKE[tag]} == {tag}


@pytest.mark.parametrize("code", OWN)
def test_codes_without_two_letters_stay_as_they_are(code: str) -> None:
    assert tag_of(code) == code


def test_families_of_languages_are_not_narrowed_to_one_of_them() -> None:
    assert [tag_of(code) for code in ("zho", "ara", "hmn", "pus", "per")] == ["zh", "ar", "hmn", "ps", "fa"]
    assert tag_of("zh-Hant") == "zh-Hant"


@pytest.mark.parametrize("code", NOT_KNOWN)
@pytest.mark.parametrize("state", [None, "CA", "TX", "PA"])
def test_what_is_not_known_keeps_its_text_and_is_never_english(code: str, state: str | None) -> None:
    assert read_language(code, state) == Language(None, code, None)


@pytest.mark.parametrize(
    ("raw", "tag"),
    [
        ("SPN ", "es"),
        ("VIE ", "vi"),
        ("CHI", "zh"),
        ("SPA", "es"),
        ("ENG", "en"),
        ("Eng", "en"),
        (" spa\t", "es"),
    ],
)
def test_upper_case_and_trailing_blanks(raw: str, tag: str) -> None:
    assert tag_of(raw) == tag


def test_two_digits_mean_another_language_in_each_state_and_nothing_without_one() -> None:
    asked = {
        (state, code): tag_of(code, state)
        for state in (None, "CA", "TX", "PA")
        for code in ("00", "01", "98")
    }
    known = {pair: tag for pair, tag in asked.items() if tag}
    assert known == {("CA", "00"): "en", ("CA", "01"): "es", ("TX", "01"): "es", ("TX", "98"): "en"}


@pytest.mark.parametrize(
    ("before", "since", "tag"),
    [
        ("03", "yue", "yue"),
        ("07", "cmn", "cmn"),
        ("23", "hmn", "hmn"),
        ("01", "spa", "es"),
        ("99", "mis", None),
    ],
)
def test_california_before_and_since_september_2023(before: str, since: str, tag: str | None) -> None:
    assert (tag_of(before, "CA"), tag_of(since, "CA"), tag_of(since)) == (tag, tag, tag)


@pytest.mark.shared_data
def test_californias_two_digit_codes_and_their_successors_agree(shared_data: Path) -> None:
    with (shared_data / "reference" / "ca_two_digit_language_codes.csv").open(
        encoding="utf-8", newline=""
    ) as stream:
        codes = [(row[1], row[2]) for row in list(csv.reader(stream))[1:]]
    assert len(codes) == 58
    for before, since in codes:
        assert tag_of(before, "CA") == (tag_of(since) if since else None), before


@pytest.mark.shared_data
def test_the_commonest_languages_of_english_learners_are_known_by_code_and_name(shared_data: Path) -> None:
    file = shared_data / "reference" / "us_el_home_languages_nces_204_27.csv"
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            names = (row["iso639_2b"], row["iso639_3"], row["bcp47"], row["language_nces"])
            assert {tag_of(name) for name in names} == {row["bcp47"]}


@pytest.mark.shared_data
def test_ed_fis_list_of_languages_holds_one_english(shared_data: Path) -> None:
    file = shared_data / "edfi" / "grandbend_ds52" / "descriptors" / "LanguageDescriptor.xml"
    codes = re.findall(r"<CodeValue>([^<]+)</CodeValue>", file.read_text(encoding="utf-8"))
    assert len(codes) > 480
    assert [code for code in codes if tag_of(code) == "en"] == ["eng"]
    assert {tag_of(code) for code in ("hmn", "hat", "nep", "pus", "fil", "tgl")} == {
        "hmn", "ht", "ne", "ps", "fil", "tl",
    }  # fmt: skip
