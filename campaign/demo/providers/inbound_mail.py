"""SendGrid's Inbound Parse: an e-mail to the district, posted as a form. It is not signed, as SendGrid's is not.

Source: Twilio SendGrid, Inbound Email Parse Webhook (parameters without raw MIME).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from email.utils import parseaddr
from hashlib import sha256
from typing import Any

from campaign.demo.providers.posting import Post


class InboundMail:
    """Packs what a family wrote. Told as `mail` makes it."""

    tries = 10

    def pack(self, url: str, told: Sequence[Mapping[str, Any]]) -> list[Post]:
        return [_post(url, mail) for mail in told]

    def altered(self, told: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**told, "text": "Somebody else wrote this."}


def mail(given: Mapping[str, Any], message_id: str) -> dict[str, Any]:
    """`sender` and `to` are needed; `subject`, `text`, `html`, `headers` (of the e-mail) and `attachments`, each with
    `filename`, `type` and `content` in base64, are not. Raises KeyError."""
    return {
        "sender": given["sender"],
        "to": given["to"],
        "subject": given.get("subject", ""),
        "text": given.get("text", ""),
        "html": given.get("html", ""),
        "headers": {"Message-ID": f"<{message_id}@simulated>", **given.get("headers", {})},
        "attachments": list(given.get("attachments", ())),
    }


def _post(url: str, mail: Mapping[str, Any]) -> Post:
    boundary = "xYzZY" + sha256(json.dumps(mail, sort_keys=True).encode()).hexdigest()[:24]
    body = b"".join(_part(boundary, *part) for part in _parts(mail)) + f"--{boundary}--\r\n".encode()
    return Post(url, (("Content-Type", f"multipart/form-data; boundary={boundary}"),), body)


def _parts(mail: Mapping[str, Any]) -> Iterator[tuple[str, bytes, str, str]]:
    """Name, content, file name and media type of each part of the form."""
    sender, to, attachments = mail["sender"], mail["to"], mail["attachments"]
    headers = {"From": sender, "To": to, "Subject": mail["subject"], **mail["headers"]}
    fields = {
        "headers": "".join(f"{name}: {value}\n" for name, value in headers.items()),
        "dkim": "{@example.org : pass}",
        "SPF": "pass",
        "to": to,
        "from": sender,
        "subject": mail["subject"],
        "text": mail["text"],
        "html": mail["html"],
        "sender_ip": "192.0.2.1",
        "envelope": json.dumps({"to": [parseaddr(to)[1]], "from": parseaddr(sender)[1]}),
        "charsets": json.dumps(dict.fromkeys(("to", "from", "subject", "text", "html"), "UTF-8")),
        "attachments": str(len(attachments)),
    }
    if attachments:
        about = {
            f"attachment{number}": {key: value for key, value in file.items() if key != "content"}
            for number, file in enumerate(attachments, 1)
        }
        fields["attachment-info"] = json.dumps(about)
    for name, value in fields.items():
        # A part that the e-mail does not have is left out.
        if value or name not in {"text", "html"}:
            yield name, value.encode(), "", ""
    for number, file in enumerate(attachments, 1):
        kind = file.get("type", "application/octet-stream")
        yield f"attachment{number}", base64.b64decode(file["content"]), file["filename"], kind


def _part(boundary: str, name: str, content: bytes, filename: str, kind: str) -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'
    if filename:
        safe = filename.replace('"', "%22").replace("\r", " ").replace("\n", " ")
        head += f'; filename="{safe}"\r\nContent-Type: {kind}'
    return head.encode() + b"\r\n\r\n" + content + b"\r\n"
