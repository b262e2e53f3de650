"""What the page on the simulator says can be done by hand, can be done; and it names all there is."""

from __future__ import annotations

import http.client
import re
from dataclasses import fields
from pathlib import Path

import pytest

from campaign.demo import providers
from campaign.demo.providers import Faults, Simulator, SimulatorOptions, running
from campaign.demo.providers.options import Fate, Mishap, Reaction

PAGE = (Path(providers.__file__).with_name("README.md")).read_text(encoding="utf-8")
# Nobody is there, and nothing is posted outside: what would be told is kept.
OPTIONS = SimulatorOptions(
    events_url="https://nobody.invalid/events",
    inbound_mail_url="https://nobody.invalid/mails",
    inbound_text_url="https://nobody.invalid/texts",
)


def ask(simulator: Simulator, method: str, path: str, body: str | None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", simulator.control_port, timeout=10)
    try:
        connection.request(method, path, body=None if body is None else body.encode())
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_each_line_of_the_page_works_in_its_order() -> None:
    lines = re.findall(r"^    curl http://127\.0\.0\.1:8026(\S+)(?: -d '(.+)')?$", PAGE, re.MULTILINE)
    assert len(lines) >= PAGE.count("    curl ") > 10
    with running(OPTIONS) as simulator:
        for path, body in lines:
            status, told = ask(simulator, "POST" if body else "GET", path, body or None)
            assert status == 200, (path, told)


@pytest.mark.parametrize("kind", [Reaction, Fate, Mishap])
def test_the_page_names_every_fault(kind: type[Reaction | Fate | Mishap]) -> None:
    assert [name for name in kind if f"\n| `{name}` |" not in PAGE] == []


def test_the_page_names_every_path_and_setting() -> None:
    with running(OPTIONS) as simulator:
        status, told = ask(simulator, "GET", "/", None)
    assert status == 404
    paths = re.findall(r"(?:GET|POST) /\w+", told)
    assert len(paths) == 10
    assert [path for path in paths if f"`{path}" not in PAGE] == []
    assert [one.name for one in fields(Faults) if f"`{one.name}`" not in PAGE] == []
