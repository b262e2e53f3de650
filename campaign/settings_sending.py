"""Settings of the ways out: e-mail and text messages."""

from __future__ import annotations

from dataclasses import dataclass

from campaign.settings_file import demand, is_zone

_SAFE = ("https://", "http://127.0.0.1:", "http://[::1]:")


def _demand_host(name: str, host: str) -> None:
    demand(
        host.startswith(_SAFE) and not host.endswith("/"),
        f"{name} must be https://… without a slash at the end (http:// only on this machine)",
    )


@dataclass(frozen=True)
class Mail:
    sender: str
    from_address: str
    from_name: str
    postal_address: str
    smtp_host: str
    smtp_port: int
    smtp_user: str
    sendgrid_host: str
    recipients_per_request: int
    second_sender: str
    second_share: int

    def __post_init__(self) -> None:
        known = {"mailbox", "smtp", "sendgrid"}
        seconds = {"", "smtp", "sendgrid"} - {self.sender}
        demand(
            self.second_sender in seconds and (not self.second_sender or self.sender != "mailbox"),
            'second_sender must be "" (none), "smtp" or "sendgrid", another than sender, which must really send',
        )
        demand(1 <= self.recipients_per_request <= 1000, "recipients_per_request must be 1 to 1000")
        demand(0 <= self.second_share <= 50, "second_share must be a percentage from 0 to 50")
        _demand_host("sendgrid_host", self.sendgrid_host)
        demand(self.sender in known, 'sender must be "mailbox", "smtp" or "sendgrid"')
        demand("@" in self.from_address, "from_address must be an e-mail address")
        demand(bool(self.postal_address.strip()), "postal_address must not be empty: the law asks for it")


@dataclass(frozen=True)
class Sms:
    sender: str
    messaging_service: str
    twilio_host: str
    cost_per_segment: float

    def __post_init__(self) -> None:
        demand(self.sender in {"none", "mailbox", "twilio"}, 'sender must be "none", "mailbox" or "twilio"')
        demand(
            self.sender != "twilio" or self.messaging_service.startswith("MG"),
            'messaging_service is needed for sender = "twilio": the SID that begins with MG',
        )
        _demand_host("twilio_host", self.twilio_host)
        demand(self.cost_per_segment >= 0, "cost_per_segment must not be negative, such as 0.012")


@dataclass(frozen=True)
class Limits:
    per_second: dict[str, float]
    sms_per_day: int
    sms_day_zone: str

    def __post_init__(self) -> None:
        demand(self.sms_per_day >= 0, "sms_per_day must not be negative; 0 = no limit")
        demand(is_zone(self.sms_day_zone), "sms_day_zone must be a time zone such as America/Los_Angeles")
        demand(
            set(self.per_second) <= {"mailbox", "smtp", "sendgrid", "twilio"},
            "per_second must name senders: mailbox, smtp, sendgrid or twilio",
        )
        demand(all(rate > 0 for rate in self.per_second.values()), "per_second must be numbers above 0")
