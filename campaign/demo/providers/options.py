"""How the simulated providers are set up, and what goes wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any


class OptionsError(ValueError):
    """An option or a fault that there is not, or one out of its range."""


class Reaction(StrEnum):
    """How one request to send is met. Those that end in `taken` accept the message and do not say so."""

    WELL = "well"
    RATE_LIMITED = "rate_limited"  # 429, not taken
    ERROR = "error"  # 503, not taken
    ERROR_TAKEN = "error_taken"  # 502, and taken all the same
    HUNG_UP = "hung_up"  # the connection is reset, not taken
    HUNG_UP_TAKEN = "hung_up_taken"
    DRIPPING = "dripping"  # taken, and the answer comes byte by byte
    SILENT = "silent"  # no answer as long as the other side waits, not taken
    SILENT_TAKEN = "silent_taken"


class Fate(StrEnum):
    """What becomes of a message that was accepted."""

    DELIVERED = "delivered"
    DEFERRED = "deferred"  # e-mail: delivered at a later try
    BOUNCED = "bounced"
    BLOCKED = "blocked"  # e-mail: turned away this time; the address is sound
    DROPPED = "dropped"  # e-mail: accepted with 202 and then not even tried
    COMPLAINED = "complained"  # e-mail: delivered, and reported as spam
    UNSUBSCRIBED = "unsubscribed"  # e-mail: delivered, and the provider's own unsubscribe used
    UNREACHABLE = "unreachable"  # text: 30003
    LANDLINE = "landline"  # text: 30006
    FILTERED = "filtered"  # text: 30007
    EXPIRED = "expired"  # text: its validity period passed, 30036
    NEVER_TOLD = "never_told"  # accepted, and no event ever comes


class Mishap(StrEnum):
    """What happens to the events that the providers post back."""

    TWICE = "twice"
    LATE = "late"
    SHUFFLED = "shuffled"
    FORGED = "forged"  # another body under the same signature comes first
    REPLAYED = "replayed"  # the same request once more, signature and all


@dataclass(frozen=True)
class Faults:
    """Shares lie between 0 and 1, times are milliseconds. Nothing goes wrong by default.

    `taken_at`: when, as a share of the latency, a message is taken; who hangs up before has not sent it.
    `next`: reactions of the next requests to send, used up before `reactions` is drawn from.
    `most_per_second`: requests beyond it get 429 with the headers of a rate limit; 0 = none.
    `fates`: share of addresses by the fate of what goes there, the rest delivered. `recipients`: that of single ones.
    `drip_ms`: from one byte of a dripping answer to the next.
    `event_ms`: from acceptance to the first event, and from each event to the next; `late_ms`: more for a late one.
    """

    latency_ms: float = 0.0
    tail_share: float = 0.0
    tail_ms: float = 0.0
    taken_at: float = 0.0
    reactions: Mapping[str, float] = field(default_factory=dict)
    next: tuple[str, ...] = ()
    most_per_second: int = 0
    fates: Mapping[str, float] = field(default_factory=dict)
    recipients: Mapping[str, str] = field(default_factory=dict)
    mishaps: Mapping[str, float] = field(default_factory=dict)
    drip_ms: float = 50.0
    event_ms: float = 20.0
    late_ms: float = 2000.0

    def __post_init__(self) -> None:
        _known("reactions", self.reactions, Reaction)
        _known("next", self.next, Reaction)
        _known("fates", self.fates, Fate)
        _known("recipients", self.recipients.values(), Fate)
        _known("mishaps", self.mishaps, Mishap)
        for name in ("reactions", "fates"):
            _demand(sum(getattr(self, name).values()) <= 1.000001, f"{name} must not sum to more than 1")
        shares = [*self.reactions.values(), *self.fates.values(), *self.mishaps.values()]
        within = all(0 <= share <= 1 for share in (*shares, self.tail_share, self.taken_at))
        _demand(within, "shares must lie between 0 and 1")
        times = (
            self.latency_ms,
            self.tail_ms,
            self.drip_ms,
            self.event_ms,
            self.late_ms,
            self.most_per_second,
        )
        _demand(all(time >= 0 for time in times), "times and limits must not be negative")

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Faults:
        """Faults from their JSON. Raises OptionsError for a name that there is not."""
        return cls(**{**_fitting(cls, document), "next": tuple(document.get("next", ()))})


@dataclass(frozen=True)
class SimulatorOptions:
    """`port` and `control_port` 0: any free one. `checks` "light" skips the rules of a request's content, and where no
    text is kept looks for no more of it than whom it is for, for measuring. `keep_texts` False forgets what was said as
    soon as it is counted. An address left empty gets nothing: `events_url` SendGrid's events, `inbound_mail_url` its
    Inbound Parse, `inbound_text_url` Twilio's incoming texts.
    """

    seed: int = 1
    port: int = 0
    control_port: int = 0
    faults: Faults = field(default_factory=Faults)
    checks: str = "full"
    keep_texts: bool = True
    sendgrid_key: str = "SG.simulated.key"
    events_url: str = ""
    inbound_mail_url: str = ""
    twilio_account: str = "AC" + "0" * 31 + "1"
    twilio_token: str = "simulated-token"  # noqa: S105  nobody's
    twilio_service: str = "MG" + "0" * 31 + "1"
    twilio_number: str = "+15005550006"
    inbound_text_url: str = ""

    def __post_init__(self) -> None:
        _demand(self.checks in {"full", "light"}, 'checks must be "full" or "light"')

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> SimulatorOptions:
        known = _fitting(cls, document)
        return cls(**{**known, "faults": Faults.of(document.get("faults", {}))})

    def document(self) -> dict[str, Any]:
        return asdict(self)


def _fitting(kind: type, document: Mapping[str, Any]) -> dict[str, Any]:
    names = {part.name for part in fields(kind)}
    _known(kind.__name__, document, names)
    return dict(document)


def _known(what: str, given: Any, names: Any) -> None:
    unknown = sorted(set(given) - {str(name) for name in names})
    _demand(
        not unknown, f"{what}: no such name: {', '.join(unknown)}; there are {', '.join(map(str, names))}"
    )


def _demand(holds: bool, rule: str) -> None:
    if not holds:
        raise OptionsError(rule)
