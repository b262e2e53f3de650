"""One family e-mail as the standards want it, for the senders that hand over whole e-mails."""

from __future__ import annotations

from email.errors import MessageError
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, Policy
from functools import cache

from campaign.senders.contract import MailIdentity, OutgoingMessage

# Addresses that programs read (RFC 2369, RFC 5322). The package would turn a long one into encoded words.
_IN_ONE_PIECE = {"list-unsubscribe", "message-id"}


class _InOnePiece:
    """A header on one line, as it was given."""

    name: str

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


class _Headers(HeaderRegistry):
    """Header classes made once a name: the package makes a new class for every header of every e-mail."""

    @cache  # noqa: B019 (there is one registry, and few names)
    def __getitem__(self, name: str) -> type:
        made = super().__getitem__(name)
        return type(made.__name__, (_InOnePiece, made), {}) if name.lower() in _IN_ONE_PIECE else made


_POLICY = SMTP.clone(max_line_length=78, header_factory=_Headers())


def compose(message: OutgoingMessage, sender: MailIdentity) -> bytes:
    """The e-mail with text and HTML, one recipient, and the one-click way out of RFC 8058.

    The Message-ID is made from `public_id`, so the same message is the same e-mail however often it is composed.
    Raises ValueError for an address that is not exactly one e-mail address.
    """
    try:
        to = Address(addr_spec=on_the_wire(message.to))
    except (MessageError, IndexError) as error:
        raise ValueError("not an e-mail address") from error
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(display_name=sender.name, addr_spec=sender.address)
    mail["To"] = to
    if message.reply_to:
        mail["Reply-To"] = Address(addr_spec=message.reply_to)
    mail["Subject"] = message.subject
    mail["Date"] = message.at
    mail["Message-ID"] = f"<{message.public_id}@{sender.address.rpartition('@')[2]}>"
    mail["Content-Language"] = message.language
    for name, value in (unsubscribe_headers(message.stop_url) | automatic_header(message)).items():
        mail[name] = value
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    # A boundary made from the id keeps the bytes the same from one composition to the next.
    mail.set_boundary(f"=_{message.public_id}")
    return mail.as_bytes()


def on_the_wire(address: str) -> str:
    """The address with a domain in the letters that all mail servers know (IDNA). Raises ValueError for no domain."""
    name, at, domain = address.rpartition("@")
    return address if domain.isascii() else f"{name}{at}{domain.encode('idna').decode()}"


def automatic_header(message: OutgoingMessage) -> dict[str, str]:
    """RFC 3834: other machines do not answer it, so that no two of them talk to each other and no absent reader's
    mailbox fills ours."""
    return {"Auto-Submitted": "auto-replied" if message.is_reply else "auto-generated"}


def unsubscribe_headers(stop_url: str) -> dict[str, str]:
    """RFC 8058: mail programs offer their own button and send a POST to this address. None for a note to staff."""
    if not stop_url:
        return {}
    return {"List-Unsubscribe": f"<{stop_url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
