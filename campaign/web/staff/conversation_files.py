"""Files in threads: those of families to save, never to run; those of staff beside their next answer."""

from __future__ import annotations

from pathlib import Path

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaign import database
from campaign.access import ENGINE
from campaign.correspondence import attachments
from campaign.correspondence.attachments import VIDEO, Attachment, FileState, Of
from campaign.correspondence.conversation_steps import Told
from campaign.store import conversation_answers, conversation_threads, conversations, replies
from campaign.store.conversations import Thread
from campaign.uploads import Reception
from campaign.web.files import sent
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.reception import NoRoom, take, takes_files
from campaign.web.staff.blueprint import SCHOOLS_OWN, blueprint
from campaign.web.staff.conversation import reads

_LARGEST_CAPTIONS = 200_000


@blueprint.get("/conversations/files/<int:file_id>")
@allow(*SCHOOLS_OWN)
def conversation_file(file_id: int) -> ResponseReturnValue:
    """To be saved, never shown: a family may have been sent it by somebody else."""
    with as_principal() as connection:
        found = conversation_threads.file(connection, file_id) if file_id < 2**63 else None
    if found is None or not found["stored"]:
        abort(404)
    return sent(file_id, found["media_type"], found["stored"], download=True)


@blueprint.get("/conversations/<int:conversation_id>/reply/<int:reply_id>")
@allow(*SCHOOLS_OWN)
def whole_reply(conversation_id: int, reply_id: int) -> ResponseReturnValue:
    """A message as it came, with what was quoted in it."""
    with as_principal() as connection:
        thread = conversations.one(connection, conversation_id) if conversation_id < 2**63 else None
        entries = conversation_threads.entries(connection, conversation_id) if thread else []
        if reply_id not in {one.reply_id for one in entries if not one.forgotten_at}:
            abort(404)
        subject, text = replies.whole(connection, reply_id)
    return render_template("staff/whole_reply.html", thread=thread, subject=subject, text=text)


@blueprint.post("/conversations/<int:conversation_id>/file")
@allow(*SCHOOLS_OWN)
@takes_files
def add_conversation_file(conversation_id: int) -> ResponseReturnValue:
    """A file for the next answer, and for a video its captions in the family's language."""
    settings = parts().settings
    try:
        received = take(
            settings.home, (settings.conversations.maximum_attachment_megabytes + 1) * 1024 * 1024
        )
    except NoRoom:
        return _back(conversation_id, Told.FILE_REFUSED)
    try:
        return _back(conversation_id, _add(conversation_id, received))
    finally:
        received.discard()


def _add(conversation_id: int, received: Reception) -> Told | None:
    files = _contents(received)
    captions = next((text for name, text in files if name.lower().endswith(".vtt")), b"")
    sent_file = next((one for one in files if not one[0].lower().endswith(".vtt")), None)
    if sent_file is None:
        return Told.FILE_REFUSED
    with as_principal() as connection:
        thread = conversations.one(connection, conversation_id) or abort(404)
        language = reads(connection, thread)
        is_video = attachments.kind(sent_file[1]) in VIDEO
        if is_video and not is_webvtt(captions):
            return Told.NO_CAPTIONS
        database.assume(connection, ENGINE)
        state = attachments.keep(
            connection, Attachment(*sent_file), _of(thread), parts().settings, parts().clock()
        )
        if state not in attachments.KEPT:
            return Told.FILE_REFUSED
        if is_video:
            newest = conversation_answers.waiting_files(connection, thread)[-1][0]
            text = captions.decode("utf-8-sig", "replace").replace("\r\n", "\n")
            conversation_answers.add_captions(connection, newest, language, text)
    return None


def is_webvtt(content: bytes) -> bool:
    """Whether it begins as WebVTT does and has a cue (https://www.w3.org/TR/webvtt1/#file-structure)."""
    text = content.removeprefix(b"\xef\xbb\xbf")
    return len(content) <= _LARGEST_CAPTIONS and text[:6] == b"WEBVTT" and b"-->" in text


@blueprint.post("/conversations/<int:conversation_id>/file/drop")
@allow(*SCHOOLS_OWN)
def drop_conversation_file(conversation_id: int) -> ResponseReturnValue:
    with as_principal() as connection:
        thread = conversations.one(connection, conversation_id) if conversation_id < 2**63 else None
        thread = thread or abort(404)
        database.assume(connection, ENGINE)
        conversation_answers.drop_file(connection, thread, request.form.get("file", 0, type=int))
    return _back(conversation_id, None)


def _contents(received: Reception) -> list[tuple[str, bytes]]:
    return [(name, Path(received.path / name).read_bytes()) for name in received.names]


def _of(thread: Thread) -> Of:
    return Of(None, None, thread.district_id, thread.student_id, thread.contact_id)


def _back(conversation_id: int, told: Told | FileState | None) -> ResponseReturnValue:
    return redirect(url_for("staff.conversation", conversation_id=conversation_id, told=told), code=303)
