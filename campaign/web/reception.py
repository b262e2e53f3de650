"""Files in a form: written straight into a closed folder of the data folder, and only for those who may send them.

Every other page takes small forms and no file. A view that takes files is marked with `takes_files`: its form is read
after `@allow` has let the person in, so that nobody else can fill the disk, and its form token is checked by `take`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, TypeVar, cast

import flask
from flask import current_app

from campaign.uploads import Reception

View = TypeVar("View", bound=Callable[..., Any])


class Request(flask.Request):
    """A request whose files go where its view says."""

    reception: Reception | None = None

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.reception is None:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        return self.reception.open(filename)


class NoRoom(Exception):
    """The disk has no room for what is being sent."""


def takes_files(view: View) -> View:
    """Mark a view that reads its form with `take`, which checks the form token."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def take(home: Path, maximum_bytes: int, rename: str | None = None) -> Reception:
    """Store the files of the form. Raises NoRoom, and 413 for more than `maximum_bytes`, before anything is read."""
    request = cast(Request, flask.request)
    reception = Reception(home, rename)
    if not reception.has_room_for(request.content_length or 0):
        raise NoRoom
    request.max_content_length = maximum_bytes
    request.reception = reception
    try:
        _ = request.files
        reception.close()
        if current_app.config.get("WTF_CSRF_ENABLED", True):
            current_app.extensions["csrf"].protect()
    except BaseException:
        reception.discard()
        raise
    return reception
