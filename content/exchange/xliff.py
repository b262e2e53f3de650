"""XLIFF 2.0, and 1.2 for tools that know no other: the name of a unit is the name of its text."""

from __future__ import annotations

from lxml import etree

from content.exchange.entries import Entry, TranslationFile, check_size, entry_of
from content.fields import ContentError

_NAMESPACE = "urn:oasis:names:tc:xliff:document:2.0"
_PRESERVE = {"{http://www.w3.org/XML/1998/namespace}space": "preserve"}
_HASH = "source-hash"
_STALE = "gbg:stale"
_STATES = {"draft": "translated", "stale": "initial", "human_reviewed": "final"}
# What the two versions call a text that a person has looked over.
_REVIEWED = {"reviewed", "final", "signed-off"}


def write(file: TranslationFile) -> bytes:
    """The file as XLIFF 2.0 in UTF-8."""
    root = etree.fromstring(f'<xliff xmlns="{_NAMESPACE}" version="2.0" srcLang="en"/>')
    root.set("trgLang", file.language)
    body = _add(root, "file", {"id": "texts", "original": file.project, "canResegment": "no"})
    for number, entry in enumerate(file.entries, 1):
        unit = _add(body, "unit", {"id": f"u{number}", "name": entry.name})
        notes = _add(unit, "notes", {})
        for note in entry.notes:
            _add(notes, "note", {}, note)
        _add(notes, "note", {"category": _HASH}, entry.source_hash)
        state = {"state": _STATES[entry.state]} if entry.text else {"state": "initial"}
        if entry.state == "stale":
            state["subState"] = _STALE
        segment = _add(unit, "segment", state)
        _add(segment, "source", _PRESERVE, entry.source)
        if entry.text:
            _add(segment, "target", _PRESERVE, entry.text)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def read(content: bytes) -> TranslationFile:
    """Raises ContentError for what is not XLIFF, a document type, a text in pieces or one with mark-up in it."""
    check_size(content)
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ContentError(f"cannot be read as XLIFF: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ContentError("the file declares a document type; XLIFF has none, take it out")
    version = root.get("version", "")
    if _local(root) != "xliff" or not version.startswith(("2.", "1.2")):
        raise ContentError("the file is not XLIFF 2.0 or 1.2")
    return _version_2(root) if version.startswith("2.") else _version_1(root)


def _version_2(root: etree._Element) -> TranslationFile:
    entries = []
    for unit in root.iterfind(".//{*}unit"):
        name = unit.get("name", "")
        segments = unit.findall("{*}segment")
        if len(segments) != 1 or unit.find("{*}ignorable") is not None:
            raise ContentError(f"{name}: stands in several segments; join them to one")
        segment = segments[0]
        hashes = [note.text for note in unit.iterfind("{*}notes/{*}note") if note.get("category") == _HASH]
        state = _state(segment.get("state"), stale=segment.get("subState") == _STALE)
        entries.append(_entry(name, segment, state, hashes))
    source, target = root.get("srcLang", ""), root.get("trgLang", "")
    return _file(root, source, {target}, entries)


def _version_1(root: etree._Element) -> TranslationFile:
    entries = []
    for unit in root.iterfind(".//{*}trans-unit"):
        name, target = unit.get("resname") or unit.get("id") or "", unit.find("{*}target")
        state = "final" if unit.get("approved") == "yes" else None if target is None else target.get("state")
        hashes = [note.text for note in unit.iterfind("{*}note") if note.get("from") == _HASH]
        entries.append(_entry(name, unit, _state(state, stale=False), hashes))
    files = root.findall("{*}file")
    source = files[0].get("source-language", "") if files else ""
    return _file(root, source, {file.get("target-language", "") for file in files}, entries)


def _file(root: etree._Element, source: str, targets: set[str], entries: list[Entry]) -> TranslationFile:
    if source.partition("-")[0].lower() != "en":
        raise ContentError(f"the file translates from {source!r}; our source is English (en)")
    if len(targets) != 1 or not all(targets):
        raise ContentError("the file does not name one language into which it translates")
    projects = {file.get("original", "") for file in root.iterfind("{*}file")}
    return TranslationFile(" and ".join(sorted(projects)), targets.pop(), tuple(entries))


def _entry(name: str, parent: etree._Element, state: str, hashes: list[str | None]) -> Entry:
    source, target = (_text(name, parent.find(f"{{*}}{part}")) for part in ("source", "target"))
    return entry_of(name, source, target, state, hashes[0] if hashes else None)


def _state(state: str | None, *, stale: bool) -> str:
    if state in _REVIEWED:
        return "human_reviewed"
    return "stale" if stale and state in (None, "initial") else "draft"


def _text(name: str, element: etree._Element | None) -> str:
    """The words of a source or target; a mark of a tool around some of them takes nothing away."""
    if element is None:
        return ""
    if others := {_local(part) for part in element.iterdescendants()} - {"mrk"}:
        raise ContentError(
            f"{name}: holds mark-up that is no text: {', '.join(sorted(others))}; write plain text"
        )
    return "".join(map(str, element.itertext()))


def _add(
    parent: etree._Element, name: str, attributes: dict[str, str], text: str | None = None
) -> etree._Element:
    element = etree.SubElement(parent, f"{{{_NAMESPACE}}}{name}", attributes)
    element.text = text
    return element


def _local(element: etree._Element) -> str:
    """The name without its namespace; an entity that was not resolved has none."""
    return etree.QName(element).localname if isinstance(element.tag, str) else "entity"
