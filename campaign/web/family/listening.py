"""The report read aloud: a sound made when a family first asks for it; the page itself never waits for one."""

from __future__ import annotations

from io import BytesIO

from flask import Response, abort, current_app, g, redirect, send_file, url_for
from flask.typing import ResponseReturnValue

from campaign.access import Role
from campaign.documents.sounds import MEDIA_TYPES, sound_file
from campaign.voices.choice import voice_for
from campaign.voices.contract import NotSpoken, VoiceFailed
from campaign.web.family.blueprint import blueprint
from campaign.web.family.reading import reading
from campaign.web.guard import allow
from campaign.web.parts import parts


@blueprint.get("/family/report.mp3")
@allow(Role.FAMILY)
def listen() -> ResponseReturnValue:
    """The sound in this language, in parts where the browser asks for parts. The question comes before it."""
    found, voice = reading() or abort(404), voice_for(parts().settings)
    if found.unasked:
        return redirect(url_for("family.page", language=found.report.language), code=303)
    try:
        file = sound_file(parts().settings.home, voice or abort(404), found.report)
    except NotSpoken:
        abort(404)
    except VoiceFailed as failure:
        current_app.logger.warning("no sound request=%s: %s", g.request_id, failure)
        return Response(status=503, headers={"Retry-After": "30"})
    name = f"{found.report.number}{file.suffix}"
    answer = send_file(
        BytesIO(file.read_bytes()), MEDIA_TYPES[file.suffix], download_name=name, conditional=True
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.context_processor
def ears() -> dict[str, object]:
    return {"can_be_heard": can_be_heard}


def can_be_heard(language: str) -> bool:
    """Whether there is a voice for the language; a page offers no sound that there is not."""
    voice = voice_for(parts().settings)
    return voice is not None and voice.speaks(language)
