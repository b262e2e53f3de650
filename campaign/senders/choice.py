"""The sender the settings ask for."""

from __future__ import annotations

from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.senders.contract import MailIdentity, Sender, SenderError
from campaign.senders.mailbox import MailboxSender
from campaign.senders.sendgrid import SendGridSender
from campaign.senders.smtp import SmtpSender
from campaign.settings import Settings
from campaign.store import messages


def sender_for(settings: Settings, engine: Engine) -> Sender:
    """Raises SenderError when a secret is missing."""
    mail = settings.mail
    identity = MailIdentity(mail.from_address, mail.from_name)
    if mail.sender == "mailbox":
        return MailboxSender(settings.home / "mailbox", identity)
    if mail.sender == "smtp":
        password = settings.secrets.smtp_password
        if mail.smtp_user and not password:
            raise SenderError("SMTP_PASSWORD is not set, but [mail] smtp_user is; set it in the environment")
        return SmtpSender(mail.smtp_host, mail.smtp_port, identity, mail.smtp_user, password or "")
    key = settings.secrets.sendgrid_api_key
    if not key:
        raise SenderError(
            "SENDGRID_API_KEY is not set, but [mail] sender is sendgrid; set it in the environment"
        )

    def events(public_id: str) -> list[str]:
        with transaction(engine, ENGINE) as connection:
            return messages.event_kinds(connection, "sendgrid", public_id)

    return SendGridSender(key, identity, events, mail.sendgrid_host)
