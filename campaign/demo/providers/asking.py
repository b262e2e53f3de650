"""What tests, benchmarks and people ask of simulated providers that run somewhere on this machine."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode

from campaign.demo.providers import mail_events
from campaign.demo.providers.options import Faults, SimulatorOptions
from campaign.demo.providers.posting import Post
from campaign.demo.providers.server import HOST

_PATIENCE_SECONDS = 30.0


class SimulatorError(Exception):
    """The simulator did not start, or refused what it was asked."""


@dataclass(frozen=True)
class AcceptedMessage:
    """`identity`: our public id, or the recipient where none came along. `at`: seconds since 1970. `said`: what it
    says (subject, text, html, custom_args … of an e-mail; body … of a text); None where texts are not kept."""

    at: float
    provider: str
    identity: str
    to: str
    message_id: str
    said: Mapping[str, Any] | None


@dataclass(frozen=True)
class Report:
    """`accepted`: messages, one a recipient; `unique`, `doubled`: identities, and those accepted more than once;
    `recipients`, `recipients_doubled`: the same by address. `per_second`: over the span from the first to the last
    acceptance. `reactions`: requests that did not go well, by Reaction, and `refused` for their content. `cpu_seconds`
    of the process it runs in, since it counts. `connections`: open now. `posts`: what was told to the program, by what
    became of it (answered, refused, unanswered, given_up, forged, replayed); `waiting`: what is still to be told."""

    requests: int
    accepted: int
    unique: int
    doubled: int
    recipients: int
    recipients_doubled: int
    span_seconds: float
    per_second: float
    by_second: list[int]
    reactions: dict[str, int]
    cpu_seconds: float
    connections: int
    posts: dict[str, int]
    waiting: int


@dataclass(frozen=True)
class Simulator:
    """The simulator that listens on these ports of this machine; several threads and processes may ask it at once."""

    port: int
    control_port: int
    options: SimulatorOptions = field(default_factory=SimulatorOptions)

    @property
    def url(self) -> str:
        """Where clients of either provider are pointed to."""
        return f"http://{HOST}:{self.port}"

    @property
    def event_key(self) -> str:
        """The public key of SendGrid's Event Webhook, as SendGrid shows it."""
        return mail_events.public_key(self.options.seed)

    def report(self) -> Report:
        return Report(**self._ask("GET", "/report"))

    def accepted(self, identity: str | None = None) -> list[AcceptedMessage]:
        """What was accepted so far, oldest first; of one identity if given."""
        found: list[AcceptedMessage] = []
        wanted = {"identity": identity} if identity is not None else {}
        while True:
            page = self._ask("GET", "/accepted?" + urlencode({**wanted, "after": len(found)}))
            found += [AcceptedMessage(**entry) for entry in page["accepted"]]
            if len(found) >= page["total"] or not page["accepted"]:
                return found

    def change(self, faults: Faults) -> None:
        """These faults from now on, in place of those in force."""
        self._ask("POST", "/faults", asdict(faults))

    def refuse_connections(self) -> None:
        """End all connections and refuse new ones."""
        self._ask("POST", "/connections", {"open": False})

    def accept_connections(self) -> None:
        self._ask("POST", "/connections", {"open": True})

    def happen(self, identity: str, kind: str, **more: Any) -> None:
        """Tell the program that this has just happened to an accepted message: an event of SendGrid's such as
        "spamreport" with its fields, or a status of Twilio's such as "undelivered" with `ErrorCode`."""
        self._ask("POST", "/happen", {**more, "identity": identity, "kind": kind})

    def receive_mail(self, sender: str, to: str, **more: Any) -> None:
        """An e-mail from a family: `subject`, `text`, `html`, `headers`, `attachments` (see `inbound_mail.mail`)."""
        self._ask("POST", "/mail", {**more, "sender": sender, "to": to})

    def receive_text(self, sender: str, body: str) -> str:
        """A text from a family; its sid."""
        sid: str = self._ask("POST", "/text", {"sender": sender, "body": body})["sid"]
        return sid

    def receive_pictures(self, sender: str, body: str, *files: bytes) -> tuple[str, list[str]]:
        """A text from a family with files; its sid, and where the files lie."""
        media = [base64.b64encode(one).decode() for one in files]
        told = self._ask("POST", "/text", {"sender": sender, "body": body, "media": media})
        return told["sid"], list(told["media"])

    def deliver(self) -> int:
        """Tell the program all that waits to be told, whenever it is due; how much that was."""
        return int(self._ask("POST", "/deliver", {})["told"])

    def take_posts(self) -> list[Post]:
        """What was to be told at addresses that are not on this machine, such as those of a test's own client."""
        found = self._ask("POST", "/posts", {})["posts"]
        return [
            Post(post["url"], tuple(map(tuple, post["headers"])), base64.b64decode(post["body"]))
            for post in found
        ]

    def forget(self) -> None:
        """Count from nothing, and tell nothing of what waits."""
        self._ask("POST", "/forget", {})

    def _ask(self, method: str, path: str, document: Any = None) -> Any:
        connection = http.client.HTTPConnection(HOST, self.control_port, timeout=_PATIENCE_SECONDS)
        try:
            connection.request(method, path, body=None if document is None else json.dumps(document))
            answer = connection.getresponse()
            told = json.loads(answer.read())
        except OSError as error:
            raise SimulatorError(f"the simulator does not answer: {error}") from error
        finally:
            connection.close()
        if answer.status != 200:
            raise SimulatorError(told["error"])
        return told
