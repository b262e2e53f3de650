"""SendGrid's doors: the Signed Event Webhook, and Inbound Parse, which signs nothing and is known by its address."""

from __future__ import annotations

import hmac

from flask import abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from campaign import database
from campaign.access import ENGINE
from campaign.correspondence import replies
from campaign.dispatch import receipts, receiving
from campaign.senders import sendgrid_events
from campaign.web.guard import posted_by_machines, public
from campaign.web.hooks import inbound_mail
from campaign.web.hooks.blueprint import TOO_LARGE_EVENTS, blueprint, count, refused
from campaign.web.parts import parts

PROVIDER = "sendgrid"
LARGEST_MAIL = 32 * 1024 * 1024


@blueprint.post("/sendgrid/events")
@public
@posted_by_machines
def sendgrid_events_hook() -> ResponseReturnValue:
    """For SendGrid alone, known by its signature over the raw body."""
    key = parts().settings.secrets.sendgrid_webhook_key
    if not key:
        abort(404)
    request.max_content_length = TOO_LARGE_EVENTS
    body = request.get_data(cache=False)
    stamp = request.headers.get(sendgrid_events.TIMESTAMP_HEADER)
    signature = request.headers.get(sendgrid_events.SIGNATURE_HEADER)
    if not sendgrid_events.is_signed(key, signature, stamp, body):
        return refused(PROVIDER, "forged")
    now = parts().clock()
    signed_at = sendgrid_events.signed_at(stamp or "")
    if signed_at is None or not receipts.in_time(signed_at, now):
        return refused(PROVIDER, "stale")
    try:
        post = sendgrid_events.read(body)
    except ValueError:
        post = sendgrid_events.Post([], 0, 1)
    try:
        with database.transaction(parts().engine, ENGINE) as connection:
            found = receiving.take(connection, PROVIDER, "email", post.events, now)
            found["others"] += post.others
            count(connection, PROVIDER, found | {"unreadable": post.unreadable})
    except SQLAlchemyError:
        return "", 503
    return "", 204


@blueprint.post("/sendgrid/inbound/<secret>")
@public
@posted_by_machines
def sendgrid_inbound_hook(secret: str) -> ResponseReturnValue:
    """For whoever knows the address, which is SendGrid alone; a mail that comes again changes nothing."""
    known = parts().settings.secrets.sendgrid_inbound_secret
    if not known:
        abort(404)
    if not hmac.compare_digest(secret.encode(), known.encode()):
        return refused(PROVIDER, "forged")
    request.max_content_length = LARGEST_MAIL
    now = parts().clock()
    try:
        mail = inbound_mail.read(request.content_type or "", request.get_data(cache=False))
    except ValueError:
        mail = None
    try:
        with database.transaction(parts().engine, ENGINE) as connection:
            if mail is not None:
                replies.receive(connection, mail.reply(now), now, parts().settings)
            outcome = "unreadable" if mail is None else "automatic" if mail.is_automatic else "mail"
            count(connection, PROVIDER, {outcome: 1})
    except SQLAlchemyError:
        return "", 503
    return "", 204
