"""What WeasyPrint 70 leaves out of the tag tree: the language of each part, words for links; and the empty tags it
puts in.

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


def _complete(box: Any, parent: Any, *rest: Any) -> Iterator[Any]:
    """The tags of a box, each with its language and words, without those that hold nothing."""
    box = box._box if isinstance(box, AbsolutePlaceholder) else box
    attributes = {} if box.element is None else box.element.attrib
    if box.link_annotation:
        words = attributes.get("title") or " ".join("".join(box.element.itertext()).split())
        box.link_annotation["Contents"] = String(words)
    for tag in _make_tags(box, parent, *rest):
        if not tag["K"] and tag["S"] not in _KEPT_EMPTY:
            tag.clear()
            continue
        if "lang" in attributes and "Lang" not in tag:
            tag["Lang"] = String(attributes["lang"])
        yield tag


def complete_tags() -> None:
    """From now on the documents of this process are tagged in full."""
    tags._build_box_tree = _complete
