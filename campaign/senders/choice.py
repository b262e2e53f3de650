"""The senders the settings ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.senders.contract import MailIdentity, Sender, SenderError
from campaign.senders.mailbox import MailboxSender
from campaign.senders.sendgrid import SendGridSender
from campaign.senders.smtp import SmtpSender
from campaign.senders.twilio import TwilioAccount, TwilioSender
from campaign.settings import Settings
from campaign.store import receipts


def senders_for(settings: Settings, engine: Engine) -> tuple[Sender, ...]:
    """First the sender of e-mail, then a second one and that of text messages, where there are such.

    Raises SenderError when a secret is missing.
    """
    mail, sms = settings.mail, settings.sms
    first: Sender = _mail_sender(mail.sender, settings, engine)
    seconds = [_mail_sender(mail.second_sender, settings, engine)] if mail.second_sender else []
    if mail.sender == sms.sender == "mailbox":
        return (first,)
    if isinstance(first, MailboxSender):
        first = replace(first, channels=frozenset({"email"}))
    texts = text_sender_for(settings, engine)
    return (first, *seconds, *([texts] if texts is not None else []))


def sender_for(settings: Settings, engine: Engine) -> Sender:
    """The first sender of e-mail. Raises SenderError when a secret is missing."""
    return senders_for(settings, engine)[0]


def shares_of(settings: Settings) -> dict[str, int]:
    """Percent by sender, of those that have less than all of their channel."""
    mail = settings.mail
    if not mail.second_sender:
        return {}
    return {mail.sender: 100 - mail.second_share, mail.second_sender: mail.second_share}


def _mail_sender(kind: str, settings: Settings, engine: Engine) -> Sender:
    mail = settings.mail
    identity = MailIdentity(mail.from_address, mail.from_name)
    if kind == "mailbox":
        return MailboxSender(settings.home / "mailbox", identity)
    if kind == "smtp":
        password = settings.secrets.smtp_password
        if mail.smtp_user and not password:
            raise SenderError("SMTP_PASSWORD is not set, but [mail] smtp_user is; set it in the environment")
        return SmtpSender(mail.smtp_host, mail.smtp_port, identity, mail.smtp_user, password or "")
    key = settings.secrets.sendgrid_api_key
    if not key:
        raise SenderError(
            "SENDGRID_API_KEY is not set, but [mail] sender is sendgrid; set it in the environment"
        )
    sender = SendGridSender(key, identity, _events(engine, "sendgrid"), mail.sendgrid_host)
    several = mail.recipients_per_request
    # Four requests on their way at least, however many go in each.
    return replace(sender, recipients_per_request=several, in_flight=max(sender.in_flight, 4 * several))


def text_sender_for(settings: Settings, engine: Engine) -> Sender | None:
    """The sender of text messages; None where none are sent. Raises SenderError when a secret is missing."""
    sms, secrets = settings.sms, settings.secrets
    if sms.sender == "none":
        return None
    if sms.sender == "mailbox":
        identity = MailIdentity(settings.mail.from_address, settings.mail.from_name)
        return MailboxSender(settings.home / "mailbox", identity, channels=frozenset({"sms"}))
    if not secrets.twilio_account_sid or not secrets.twilio_auth_token:
        raise SenderError(
            "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are not both set, but [sms] sender is twilio; set them in the"
            " environment"
        )
    account = TwilioAccount(secrets.twilio_account_sid, secrets.twilio_auth_token, sms.messaging_service)
    hook = f"{settings.installation.base_url}/hooks/twilio/status"
    return TwilioSender(account, hook, _events(engine, "twilio"), sms.twilio_host)


def _events(engine: Engine, provider: str) -> Callable[[str], list[str]]:
    """What the provider has told of a message since it was last handed over."""

    def events(public_id: str) -> list[str]:
        with transaction(engine, ENGINE) as connection:
            return receipts.kinds(connection, provider, public_id)

    return events
