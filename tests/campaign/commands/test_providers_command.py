"""`gbg simulate-providers`, as a person starts, uses and stops it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tomllib

import pytest
from click.testing import CliRunner
from sendgrid import SendGridAPIClient

from campaign.cli import gbg
from campaign.demo.providers import Simulator, SimulatorOptions

FREE = ["--port", "0", "--control-port", "0"]


def test_it_says_where_it_listens_and_how_to_point_to_it() -> None:
    command = [sys.executable, "-m", "campaign", "simulate-providers", *FREE]
    faults = ["--latency", "1", "--fault", "never_told=1", "--fault", "twice=0.5"]
    with subprocess.Popen([*command, *faults], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().rstrip("\n")]
        while "/text" not in lines[-1]:
            lines.append(process.stdout.readline().rstrip("\n"))
        settings = tomllib.loads("\n".join(lines[lines.index("    [mail]") : lines.index("    [sms]") + 4]))
        secrets = dict(re.findall(r"^    ([A-Z_]+)=(.+)$", "\n".join(lines), re.MULTILINE))
        message = {
            "personalizations": [{"to": [{"email": "ana@example.org"}]}],
            "from": {"email": "families@example.org"},
            "subject": "Hello",
            "content": [{"type": "text/plain", "value": "Hello"}],
        }
        SendGridAPIClient(secrets["SENDGRID_API_KEY"], host=settings["mail"]["sendgrid_host"]).send(message)
        control = re.search(r"http://127\.0\.0\.1:(\d+)/report", "\n".join(lines))
        assert control is not None
        assert Simulator(0, int(control[1])).report().accepted == 1
        process.send_signal(signal.SIGINT)
        last = process.stdout.read()
        assert process.wait(20) == 0
    assert "1 requests to send; 1 messages accepted, 0 of them more than once." in last
    assert settings["sms"]["twilio_host"] == settings["mail"]["sendgrid_host"]
    assert secrets["SENDGRID_WEBHOOK_KEY"] == Simulator(0, 0, SimulatorOptions(seed=1)).event_key
    assert len(secrets["SENDGRID_INBOUND_SECRET"]) >= 32


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("sunny=0.1", "there is no fault sunny; there are well, rate_limited"),
        ("error", "write error=0.1"),
        ("error=2", "reactions must not sum to more than 1"),
    ],
)
def test_a_fault_that_there_is_not_is_said(fault: str, said: str) -> None:
    result = CliRunner().invoke(gbg, ["simulate-providers", *FREE, "--fault", fault])
    assert result.exit_code != 0
    assert said in result.output
