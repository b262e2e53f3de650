"""XML, element by element: nothing outside the file is ever loaded, document types and entities are refused."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any
from zipfile import BadZipFile

from lxml import etree

from campaign.intake.problems import IntakeError
from campaign.intake.sources import InputFile

Element = Any  # lxml has no usable type for elements of iterparse


def _events(stream: Any, events: tuple[str, ...]) -> Iterator[tuple[str, Element]]:
    return iter(
        etree.iterparse(
            stream,
            events=events,
            load_dtd=False,
            dtd_validation=False,
            no_network=True,
            resolve_entities=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
    )


def root_of(file: InputFile) -> str:
    """The qualified name of the root element, "{namespace}Name". Raises IntakeError for what is not XML."""
    with file.open() as stream:
        try:
            for _, element in _events(stream, ("start",)):
                _refuse_document_type(file, element)
                return str(element.tag)
        except (etree.XMLSyntaxError, BadZipFile, EOFError) as error:
            raise _broken(file, error) from None
    raise IntakeError(f"{file.name} holds no element. Export it again.", file.name)


def read_elements(file: InputFile) -> Iterator[tuple[int, Element]]:
    """(line, element) for each child of the root; the element is freed afterwards, so that memory stays constant.

    Raises IntakeError, naming the line, for XML that is malformed or cut off.
    """
    with file.open() as stream:
        try:
            depth = 0
            for event, element in _events(stream, ("start", "end")):
                if event == "start":
                    if depth == 0:
                        _refuse_document_type(file, element)
                    depth += 1
                    continue
                depth -= 1
                if depth == 1:
                    yield element.sourceline or 0, element
                    _free(element)
        except (etree.XMLSyntaxError, BadZipFile, EOFError) as error:
            raise _broken(file, error) from None


def _free(element: Element) -> None:
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _refuse_document_type(file: InputFile, element: Element) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise IntakeError(
            f"{file.name} declares a document type. Such declarations can make a small file grow without end; "
            "remove the DOCTYPE and import again.",
            file.name,
        )


def _broken(file: InputFile, error: Exception) -> IntakeError:
    line = getattr(error, "lineno", None)
    where = f"{file.name}, line {line}" if line else file.name
    return IntakeError(
        f"{where}: this is not complete, well-formed XML ({error}). Export it again.", file.name
    )


@cache
def _path(path: str) -> str:
    return "/".join(f"{{*}}{step}" for step in path.split("/"))


def texts(element: Element, path: str) -> list[str]:
    """The texts at a path of local names, such as "Name/FirstName"; descriptors keep the part after their "#"."""
    found = ((node.text or "").strip() for node in element.iterfind(_path(path)))
    return [text.rsplit("#", 1)[-1] if text[:4].casefold() == "uri:" else text for text in found]


def text(element: Element, path: str) -> str:
    """The first text at a path, "" if there is none."""
    return next(iter(texts(element, path)), "")


def nodes(element: Element, path: str) -> list[Element]:
    return list(element.iterfind(_path(path)))


def local_name(element: Element) -> str:
    return str(etree.QName(element).localname)
