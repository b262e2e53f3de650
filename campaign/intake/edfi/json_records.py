"""Ed-Fi JSON, as the data management API gives it, turned into the elements that the readers of this folder know.

A file holds one kind of resource: a JSON array, or one resource a line after a line `{"edfi_resource": …}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from lxml import etree

from campaign.intake.elements import Element
from campaign.intake.problems import IntakeError, RowRefused
from campaign.intake.sources import InputFile, open_text
from campaign.intake.vocabulary import table

HEADER = "edfi_resource"
_LONGEST_FIRST_LINE = 1 << 16
_LARGEST_OBJECT = 1 << 26


@dataclass(frozen=True)
class Resource:
    """`fields`: steps of the element's path beside the steps of the resource's path. `alternative`: what older data
    standards have in its place."""

    path: str
    element: str
    known_by: frozenset[str]
    fields: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    instead_of: str | None


@cache
def resources() -> Mapping[str, Resource]:
    """Every resource the program reads, by its path, in the order in which they are to be read."""
    documents = {entry["path"]: entry for entry in table("resources.toml", __package__)["resource"]}
    return {path: _resource(entry, documents) for path, entry in documents.items()}


def _resource(entry: Mapping[str, Any], documents: Mapping[str, Any]) -> Resource:
    fields = documents[entry.get("same_fields_as", entry["path"])]["fields"]
    steps = tuple((tuple(xml.split("/")), tuple(path.split("."))) for xml, path in fields.items())
    return Resource(
        entry["path"], entry["element"], frozenset(entry["known_by"]), steps, entry.get("instead_of")
    )


def looks_like_json(begins: bytes) -> bool:
    """True if a file begins like a JSON object or an array of objects; a TOML table begins otherwise."""
    return re.match(rb"\{|\[\s*[{\]]", begins) is not None


def resource_of(file: InputFile, encoding: str) -> Resource | None:
    """The resource the file holds, by its first record; None if it is none the program reads.

    Raises IntakeError for what is not JSON.
    """
    if _is_one_object(file, encoding):
        return None
    first: Any = next((record for _, record in _records(file, encoding, with_header=True)), None)
    if not isinstance(first, dict):
        return None
    if HEADER in first:
        return resources().get(str(first[HEADER]))
    fitting = [resource for resource in resources().values() if resource.known_by <= set(first)]
    return max(fitting, key=lambda resource: len(resource.known_by), default=None)


def _is_one_object(file: InputFile, encoding: str) -> bool:
    """True for an object over several lines: whole JSON, but no list of records."""
    with open_text(file, encoding) as text:
        first = text.readline().lstrip("\ufeff")
        if not first.startswith("{") or len(first) > _LONGEST_FIRST_LINE or file.size > _LARGEST_OBJECT:
            return False
        try:
            json.loads(first)
        except (ValueError, RecursionError):
            text.seek(0)
            with suppress(ValueError, RecursionError):
                return isinstance(json.loads(text.read().lstrip("\ufeff")), dict)
    return False


def read_records(
    file: InputFile, encoding: str, resource: Resource
) -> Iterator[tuple[int, Element | RowRefused]]:
    """(line, element) for each record; in an array that fills one line, the number of the record.

    Raises IntakeError, naming the line, for text that is not JSON or is cut off.
    """
    for line, record in _records(file, encoding, with_header=False):
        yield line, to_element(record, resource)


def _records(file: InputFile, encoding: str, *, with_header: bool) -> Iterator[tuple[int, Any]]:
    with open_text(file, encoding) as text:
        begins = text.read(64)
        text.seek(0)
        if begins.lstrip("\ufeff \t\r\n").startswith("["):
            yield from enumerate(_parsed(file, text.read(), 1), 1)
            return
        for line, content in enumerate(text, 1):
            if not content.strip("\ufeff \t\r\n"):
                continue
            record = _parsed(file, content.lstrip("\ufeff"), line)
            if with_header or not (isinstance(record, dict) and HEADER in record):
                yield line, record


def _parsed(file: InputFile, text: str, line: int) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        where = line + getattr(error, "lineno", 1) - 1
        raise IntakeError(
            f"{file.name}, line {where}: this is not complete JSON. Fetch or export it again.", file.name
        ) from None


def to_element(record: Any, resource: Resource) -> Element | RowRefused:
    """The record as an element of the XML interchange; values the program does not use are left behind."""
    if not isinstance(record, dict):
        return RowRefused("malformed_record")
    element = etree.Element(resource.element)
    try:
        for xml, path in resource.fields:
            _place(element, xml, record, path)
    except (TypeError, ValueError):
        return RowRefused("malformed_record")
    return element


def _place(element: Element, xml: tuple[str, ...], value: Any, path: tuple[str, ...]) -> None:
    """Put the value at `path` into the descendant at `xml`; what repeats in one repeats in the other."""
    repeats = next((i for i, step in enumerate(path) if step.endswith("[]")), None)
    if repeats is None:
        if (text := _text(_at(value, path))) is not None:
            _descendant(element, xml).text = text
        return
    items = _at(value, (*path[:repeats], path[repeats].removesuffix("[]"))) or []
    place = next(i for i, step in enumerate(xml) if step.endswith("[]"))
    for number, item in enumerate(items):
        parent = _descendant(element, xml[:place])
        child = _numbered(parent, xml[place].removesuffix("[]"), number)
        _place(child, xml[place + 1 :], item, path[repeats + 1 :])


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        if value is None:
            return None
        if not isinstance(value, dict):
            raise TypeError(step)
        value = value.get(step)
    return value


def _text(value: Any) -> str | None:
    """Descriptors keep the part after their "#". Raises TypeError for what is no single value."""
    if value is None:
        return None
    if isinstance(value, dict | list):
        raise TypeError("a single value was expected")
    if isinstance(value, bool):
        return "true" if value else "false"
    shown = str(value)
    return shown.rsplit("#", 1)[-1] if shown.startswith("uri:") else shown


def _descendant(element: Element, steps: tuple[str, ...]) -> Element:
    for step in steps:
        child = element.find(step)
        element = etree.SubElement(element, step) if child is None else child
    return element


def _numbered(parent: Element, name: str, number: int) -> Element:
    """The child of this name and number, made if need be; earlier ones are made with it, so that numbers agree."""
    children = parent.findall(name)
    while len(children) <= number:
        children.append(etree.SubElement(parent, name))
    return children[number]
