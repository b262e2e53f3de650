"""Files of conversations as answers of the web server."""

from __future__ import annotations

from io import BytesIO

from flask import Response, abort, current_app, send_file

from campaign.correspondence import attachments
from campaign.web.parts import parts


def sent(file_id: int, media_type: str, stored: str, *, download: bool) -> Response:
    """A stored file under a name of ours, with an ending of what it is.

    A browser that shows it shows it in a page without any right: nothing in it can act on this site.
    """
    path = attachments.path_of(parts().settings.home, stored)
    try:
        content = BytesIO(path.read_bytes())
    except OSError:
        current_app.logger.warning("attachment %d is not on the disk", file_id)
        abort(404)
    name = f"file-{file_id}{attachments.ending(media_type)}"
    answer = send_file(content, mimetype=media_type, as_attachment=download, download_name=name)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
