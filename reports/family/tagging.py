"""What WeasyPrint 70 leaves out of the tag tree: the language of each part, words for links. And what it puts in that
tells nobody anything: tags around nothing, and tags around one other tag, a quarter of them all.

Which element a tag comes from is known only while the tags are made, so their maker is wrapped here. A release of
WeasyPrint without it stops the import, and the tests read the tags back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydyf import String
from weasyprint.layout.absolute import AbsolutePlaceholder
from weasyprint.pdf import tags

_make_tags = tags._build_box_tree
# A cell without words keeps its place in the table; any other tag without content is decoration.
_KEPT_EMPTY = frozenset({"/TD", "/TH", "/TR"})
# These group what is in them and say no more.
_GROUPS = frozenset({"/Div", "/NonStruct", "/Span"})


def _complete(box: Any, parent: Any, file: Any, *rest: Any) -> Iterator[Any]:
    """The tags of a box, each with its language and words, without those that hold nothing."""
    box = box._box if isinstance(box, AbsolutePlaceholder) else box
    attributes = {} if box.element is None else box.element.attrib
    if box.link_annotation:
        words = attributes.get("title") or " ".join("".join(box.element.itertext()).split())
        box.link_annotation["Contents"] = String(words)
    for tag in _make_tags(box, parent, file, *rest):
        if not tag["K"] and tag["S"] not in _KEPT_EMPTY:
            tag.clear()
            continue
        if "lang" in attributes and "Lang" not in tag:
            tag["Lang"] = String(attributes["lang"])
        yield _innermost(tag, file)


def _innermost(tag: Any, file: Any) -> Any:
    """The tag itself, or what it holds if that is one tag alone and it says nothing of its own."""
    (*others, kid) = tag["K"] or [None]
    if others or not isinstance(kid, bytes) or tag["S"] not in _GROUPS or "Lang" in tag:
        return tag
    held = file.objects[int(kid.split()[0])]
    held["P"] = tag["P"]
    tag.clear()
    return held


def complete_tags() -> None:
    """From now on the documents of this process are tagged in full."""
    tags._build_box_tree = _complete
