"""Addresses stand in the window of the envelope wherever the sheet slides, and envelopes begin on a fresh sheet."""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path

import pikepdf
import pytest

from reports.mailing.address import MOST_LINES, WINDOWS, Address, by_hand, lines
from reports.mailing.envelope import AddressSheet, Cover, Divider
from reports.mailing.render import Binding, address_sheets, cover_sheet, divider_sheet, opened

ROSA = Address("Rosa Abrego", "12 Elm Street", "Maple Valley", "WA", "98038")
_POINT = 25.4 / 72


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (ROSA, ("Rosa Abrego", "12 Elm Street", "Maple Valley WA 98038")),
        (
            Address("R", "Elm House\nApt 4", "M", "", "98038"),
            ("R", "Elm House", "Apt 4", "M 98038"),
        ),
        (
            Address("R", "a\nb\nc\nd", "M", "WA", ""),
            ("R", "a", "b, c, d", "M WA"),
        ),
    ],
)
def test_an_address_keeps_to_four_lines(address: Address, said: tuple[str, ...]) -> None:
    assert lines(address) == said
    assert len(said) <= MOST_LINES


@pytest.mark.parametrize(
    ("street", "city", "postal_code", "complete"),
    [
        ("12 Elm", "M", "", True),
        ("12 Elm", "", "98038", True),
        ("12 Elm", " ", "", False),
        (" ", "M", "1", False),
    ],
)
def test_what_the_post_could_deliver(street: str, city: str, postal_code: str, complete: bool) -> None:
    assert Address("R", street, city, "WA", postal_code).is_complete is complete


def words(content: bytes, tmp_path: Path) -> list[list[tuple[str, float, float, float, float]]]:
    """Of each page the words with their box in millimetres: left, top, right, bottom."""
    file = tmp_path / "x.pdf"
    file.write_bytes(content)
    out = subprocess.run(["pdftotext", "-bbox", file, "-"], capture_output=True, check=True, text=True).stdout
    found = []
    for page in out.split("<page ")[1:]:
        boxes = re.findall(r'xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>', page)
        found.append([(word, *(float(side) * _POINT for side in sides)) for *sides, word in boxes])
    return found  # type: ignore[return-value]


@pytest.mark.parametrize("kind", WINDOWS)
@pytest.mark.parametrize("name", ["Rosa Abrego", "Maximiliana Bartholomew-Featherstonehaugh de la Cruz"])
def test_the_window_shows_the_whole_address_and_nothing_else(kind: str, name: str, tmp_path: Path) -> None:
    window = WINDOWS[kind]
    said = lines(Address(name, "12 Elm Street\nApt 4", "Maple Valley", "WA", "98038"))
    sheet = AddressSheet(said, "Alder Elementary", "run 1")
    pages = words(address_sheets([sheet, sheet], window), tmp_path)
    assert len(pages) == 2
    for page in pages:
        inside = {
            word
            for word, left, top, right, bottom in page
            if left >= window.left - 0.1
            and right <= window.left + window.width
            and top >= window.top - 1
            and bottom <= window.top + window.height + 1
        }
        assert inside == set(" ".join(said).split())


def test_the_slot_of_number_10_is_what_the_window_shows_wherever_the_sheet_lies() -> None:
    window, inch = WINDOWS["number-10"], 25.4
    for slide in (0, 1):
        assert window.left + slide * inch >= 0.875 * inch
        assert window.left + window.width + slide * inch <= (0.875 + 4.5) * inch
    for slide in (0, 4.125 - 11 / 3):
        assert window.top + slide * inch >= (4.125 - 0.5 - 1.125) * inch - 0.1
        assert window.top + window.height + slide * inch <= (4.125 - 0.5) * inch + 0.1


def test_every_envelope_begins_on_a_fresh_sheet_and_knows_its_pages() -> None:
    window, binding = WINDOWS["number-10"], Binding()
    sheet = AddressSheet(by_hand("Rosa", "Alder", "Math 4 A"), "Alder", "1")
    three = address_sheets([sheet] * 3, window)
    binding.add_divider(divider_sheet(Divider("Alder", "Math 4 A", "1"), window))
    addresses = opened(address_sheets([sheet, sheet], window))
    assert binding.add_envelope(addresses, 0, address_sheets([sheet] * 2, window)) == (3, 4)
    assert binding.add_envelope(addresses, 1, three) == (7, 6)
    with pikepdf.open(io.BytesIO(binding.finished())) as file:
        assert len(file.pages) == binding.pages == 12


def test_the_same_parts_are_the_same_bytes() -> None:
    def bound() -> bytes:
        binding, window = Binding(), WINDOWS["dl"]
        binding.add_divider(divider_sheet(Divider("Alder", "", "1"), window))
        return binding.finished()

    assert bound() == bound()


def test_the_cover_says_what_was_considered_printed_and_left_out(tmp_path: Path) -> None:
    cover = Cover(
        "PX-1",
        "Maple",
        "today",
        10,
        7,
        21,
        42,
        (("no report", 2), ("a court order", 1)),
        (("a.pdf", 7, 42),),
        "lost",
    )
    said = " ".join(word for word, *_ in words(cover_sheet(cover, WINDOWS["number-10"]), tmp_path)[0])
    for part in ("Considered 10", "no report 2", "a court order 1", "a.pdf 7 42", "Printed again: lost"):
        assert part in said
