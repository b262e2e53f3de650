"""Rooms and their pages: each account sees what it may open, and where it is."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

SignIn = Callable[[str], FlaskClient]


def named(page: str, label: str) -> list[str]:
    found = re.search(rf'<nav[^>]*aria-label="{label}">(.*?)</nav>', page, re.DOTALL)
    return re.findall(r">([^<>]+)</a>", found[1]) if found else []


def here(page: str) -> list[str]:
    return re.findall(r'aria-current="(?:page|true)">([^<>]+)</a>', page)


@pytest.mark.parametrize(
    ("email", "rooms"),
    [
        ("district@example.org", ["Home", "Families", "Campaigns", "Data", "Reports and words"]),
        ("school@example.org", ["Home", "Families", "Campaigns", "Data", "Reports and words"]),
        ("teacher@example.org", ["Home", "Families", "Campaigns"]),
    ],
)
def test_rooms_in_which_nothing_may_be_opened_are_not_there(
    signed_in: SignIn, email: str, rooms: list[str]
) -> None:
    client = signed_in(email)
    page = client.get("/staff/").text
    assert named(page, "Main") == rooms
    for room, href in re.findall(r'<li><a href="([^"]+)"[^>]*>([^<]+)</a>', page):
        assert client.get(room).status_code == 200, href


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/staff/", ["Home"]),
        ("/staff/students", ["Families", "Students"]),
        ("/staff/students/1", ["Families", "Students"]),
        ("/staff/consent/1", ["Families", "Stopping"]),
        ("/staff/plan", ["Campaigns", "Plan"]),
        ("/staff/plan/ahead", ["Campaigns", "Plan"]),
        ("/staff/delivery", ["Campaigns", "Delivery"]),
        ("/staff/health", ["Data", "Data health"]),
    ],
)
def test_a_page_says_in_which_room_it_is(signed_in: SignIn, path: str, found: list[str]) -> None:
    assert here(signed_in("district@example.org").get(path).text) == found
