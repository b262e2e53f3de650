"""Twilio's doors: statuses of text messages, and what families text back. Both are signed over their public address."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, abort, request
from flask.typing import ResponseReturnValue
from markupsafe import escape
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from campaign import database
from campaign.access import ENGINE
from campaign.consents import confirming
from campaign.correspondence import attachments, replies
from campaign.correspondence.attachments import Attachment
from campaign.correspondence.replies import Reply
from campaign.dispatch import receiving
from campaign.dispatch.receipts import Cause
from campaign.dispatch.receiving import Told
from campaign.senders import twilio_events
from campaign.senders.twilio_media import MediaDoor
from campaign.web.guard import posted_by_machines, public
from campaign.web.hooks.blueprint import blueprint, count, refused
from campaign.web.parts import parts

PROVIDER = "twilio"
# Nothing else is said back: whoever answers a family is a person.
_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response>{}</Response>'


@blueprint.post("/twilio/status")
@public
@posted_by_machines
def twilio_status_hook() -> ResponseReturnValue:
    """For Twilio alone, known by its signature; our message's id stands in the address that we gave it."""
    if not _is_signed():
        return refused(PROVIDER, "forged")
    now = parts().clock()
    event = twilio_events.read(request.form, request.args.get("message", ""), now)
    events = [(event, request.form.get("To", ""))] if event else []
    try:
        with database.transaction(parts().engine, ENGINE) as connection:
            found = receiving.take(connection, PROVIDER, "sms", events, now)
            count(connection, PROVIDER, found | {"unreadable": 0 if event else 1})
    except SQLAlchemyError:
        return "", 503
    return "", 204


@blueprint.post("/twilio/inbound")
@public
@posted_by_machines
def twilio_inbound_hook() -> ResponseReturnValue:
    """For Twilio alone, known by its signature; a text that comes again changes nothing."""
    if not _is_signed():
        return refused(PROVIDER, "forged")
    now, form = parts().clock(), request.form
    reply = Reply(
        channel="sms",
        from_address=form.get("From", ""),
        to_address=form.get("To", ""),
        text=form.get("Body", ""),
        at=now,
        attachments=_files(form),
        provider_id=form.get("MessageSid", ""),
    )
    try:
        with database.transaction(parts().engine, ENGINE) as connection:
            key = replies.receive(connection, reply, now, parts().settings).confirmation
            said = _confirmation(connection, key, reply.from_address) if key else ""
            if form.get("OptOutType", "").upper() == "STOP":
                stop = Told(PROVIDER, "sms", reply.from_address, Cause.STOPPED, "texted STOP", now)
                receiving.obey(connection, [stop], now)
            count(connection, PROVIDER, {"texts": 1})
    except SQLAlchemyError:
        return "", 503
    # What Twilio itself took for a stop, a start or a cry for help, it has answered already.
    words = "" if form.get("OptOutType") else said
    return Response(_ANSWER.format(words), mimetype="text/xml")


def _files(form: Mapping[str, str]) -> list[Attachment]:
    """Pictures and the like, fetched before the words are kept; no connection to the database waits for them."""
    settings = parts().settings
    door = MediaDoor(
        settings.sms.twilio_host,
        settings.secrets.twilio_account_sid or "",
        settings.secrets.twilio_auth_token or "",
        settings.conversations.maximum_attachment_megabytes * 1024 * 1024,
    )
    return attachments.named(door.fetch(form))


def _confirmation(connection: Connection, key: str, number: str) -> str:
    """What Twilio is to text back, within the second: the law gives five minutes, and allows one text."""
    name = parts().settings.installation.name
    said = confirming.text_message(connection, key, number, parts().texts_of, name)
    return f"<Message>{escape(said)}</Message>"


def _is_signed() -> bool:
    """Whether Twilio signed the request for the address under which the world knows this door.

    404 where there is no account: then nobody can.
    """
    token = parts().settings.secrets.twilio_auth_token
    if not token:
        abort(404)
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    url = parts().settings.installation.base_url + request.path + query
    signature = request.headers.get(twilio_events.SIGNATURE_HEADER)
    return twilio_events.is_signed(token, url, request.form.items(multi=True), signature)
