"""`gbg simulate-providers`: SendGrid and Twilio on this machine, to try the program against."""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Any

import click

from campaign.commands.errors import told
from campaign.demo.providers import (
    Fate,
    Faults,
    Mishap,
    OptionsError,
    Reaction,
    Report,
    Simulator,
    SimulatorError,
    SimulatorOptions,
    running,
)
from campaign.installation import utc_now

PORT = click.IntRange(0, 65535)
INBOUND_SECRET = "simulated-secret-of-nobody-at-all"  # noqa: S105  for the address of Inbound Parse, on this machine
# Where a share of requests, messages and events belongs.
_KINDS = {
    **dict.fromkeys(map(str, Reaction), "reactions"),
    **dict.fromkeys(map(str, Fate), "fates"),
    **dict.fromkeys(map(str, Mishap), "mishaps"),
}


def _faults(_context: click.Context, _option: click.Parameter, given: Sequence[str]) -> dict[str, Any]:
    """Each NAME=SHARE where it belongs."""
    found: dict[str, dict[str, float]] = {kind: {} for kind in _KINDS.values()}
    for one in given:
        name, _, share = one.partition("=")
        if name not in _KINDS:
            raise click.BadParameter(f"there is no fault {name}; there are {', '.join(_KINDS)}")
        try:
            found[_KINDS[name]][name] = float(share)
        except ValueError:
            raise click.BadParameter(f"{one} has no share; write {name}=0.1") from None
    return found


@click.command("simulate-providers")
@click.option("--port", type=PORT, default=8025, show_default=True, help="For the program; 0 = any.")
@click.option("--control-port", type=PORT, default=8026, show_default=True, help="For you; 0 = any.")
@click.option(
    "--program",
    default="http://127.0.0.1:8000",
    show_default=True,
    help="Address of the program, which is told events and replies.",
)
@click.option("--latency", type=click.FloatRange(0), default=0.0, help="Milliseconds of each answer.")
@click.option(
    "--fault",
    "faults",
    metavar="NAME=SHARE",
    multiple=True,
    callback=_faults,
    help="A share of what goes wrong; repeat it.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="What faults are drawn by."
)
def simulate_providers_command(port: int, control_port: int, program: str, **drawn: Any) -> None:
    """Simulate SendGrid and Twilio on this machine until stopped with Ctrl+C. Nobody outside is written to."""
    with told(OptionsError, SimulatorError):
        options = _options(port, control_port, program.rstrip("/"), **drawn)
        with running(options, clock=utc_now) as simulator:
            for line in invitation(simulator):
                click.echo(line)
            _wait()
            for line in farewell(simulator.report()):
                click.echo(line)


def _options(
    port: int, control_port: int, program: str, latency: float, faults: Mapping[str, Any], seed: int
) -> SimulatorOptions:
    return SimulatorOptions(
        seed=seed,
        port=port,
        control_port=control_port,
        faults=Faults.of({"latency_ms": latency, **faults}),
        events_url=f"{program}/hooks/sendgrid/events",
        inbound_mail_url=f"{program}/hooks/sendgrid/inbound/{INBOUND_SECRET}",
        inbound_text_url=f"{program}/hooks/twilio/inbound",
    )


def invitation(simulator: Simulator) -> list[str]:
    """Where it listens, and how a program is pointed to it."""
    options, control = simulator.options, f"http://127.0.0.1:{simulator.control_port}"
    return [
        f"SendGrid and Twilio are simulated on {simulator.url}; they reach nobody. Stop with Ctrl+C.",
        "",
        "To point a program to them, write in its config.toml",
        "    [mail]",
        '    sender = "sendgrid"',
        f'    sendgrid_host = "{simulator.url}"',
        "    [sms]",
        '    sender = "twilio"',
        f'    messaging_service = "{options.twilio_service}"',
        f'    twilio_host = "{simulator.url}"',
        "and give it in its environment",
        f"    SENDGRID_API_KEY={options.sendgrid_key}",
        f"    SENDGRID_WEBHOOK_KEY={simulator.event_key}",
        f"    SENDGRID_INBOUND_SECRET={INBOUND_SECRET}",
        f"    TWILIO_ACCOUNT_SID={options.twilio_account}",
        f"    TWILIO_AUTH_TOKEN={options.twilio_token}",
        "",
        "While it runs",
        f"    curl {control}/report                     what was accepted, how fast, what twice",
        f"    curl {control}/accepted                   each message",
        f'    curl {control}/faults -d \'{{"latency_ms": 200, "reactions": {{"rate_limited": 0.1}}}}\'',
        f"    curl {control}/connections -d '{{\"open\": false}}'",
        f'    curl {control}/text -d \'{{"sender": "+12025550101", "body": "STOP"}}\'',
    ]


def farewell(report: Report) -> list[str]:
    reactions = ", ".join(f"{count:,} {name}" for name, count in sorted(report.reactions.items()))
    return [
        "",
        f"{report.requests:,} requests to send; {report.accepted:,} messages accepted, {report.doubled:,} "
        "of them more than once.",
        f"Not well: {reactions or 'none'}. Still to be told: {report.waiting:,}.",
    ]


def _wait() -> None:
    """Until Ctrl+C or SIGTERM."""
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, stop)
    stopped.wait()
