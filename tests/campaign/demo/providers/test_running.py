"""The simulator in a thread and in a process of its own: asked by many, outliving those who send."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest

from campaign.demo.providers import Faults, OptionsError, Simulator, SimulatorError, SimulatorOptions, running

NOON = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)
SEND_FOR_EVER = """
import http.client, json, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
headers = {"Authorization": "Bearer SG.simulated.key", "Content-Type": "application/json"}
number = 0
while True:
    number += 1
    document = {
        "personalizations": [{"to": [{"email": f"p{number}@example.org"}]}],
        "from": {"email": "a@example.org"}, "subject": "s", "content": [{"type": "text/plain", "value": "x"}],
    }
    connection.request("POST", "/v3/mail/send", json.dumps(document), headers)
    connection.getresponse().read()
    print(number, flush=True)
"""


def send(connection: http.client.HTTPConnection, to: str, public_id: str) -> int:
    document = {
        "personalizations": [{"to": [{"email": to}], "custom_args": {"public_id": public_id}}],
        "from": {"email": "families@example.org"},
        "subject": "A report is ready",
        "content": [{"type": "text/plain", "value": "Hello"}],
    }
    headers = {"Authorization": "Bearer SG.simulated.key", "Content-Type": "application/json"}
    connection.request("POST", "/v3/mail/send", json.dumps(document), headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def opened(simulator: Simulator) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=10)


@pytest.mark.parametrize("own_process", [False, True])
def test_it_says_what_it_accepted_and_what_twice(own_process: bool) -> None:
    with running(SimulatorOptions(), clock=lambda: NOON, own_process=own_process) as simulator:
        connection = opened(simulator)
        for to, public_id in (("a@example.org", "m-1"), ("b@example.org", "m-2"), ("b@example.org", "m-2")):
            assert send(connection, to, public_id) == 202
        connection.close()
        report = simulator.report()
        assert (report.requests, report.accepted, report.unique, report.doubled) == (3, 3, 2, 1)
        assert sum(report.by_second) == 3
        assert [entry.to for entry in simulator.accepted("m-2")] == ["b@example.org"] * 2
        assert all(0 <= entry.at - NOON.timestamp() < 60 for entry in simulator.accepted())
        simulator.forget()
        assert simulator.report().accepted == 0


def test_many_connections_are_served_at_once() -> None:
    with running(SimulatorOptions(faults=Faults(latency_ms=200))) as simulator:
        together = threading.Barrier(40)
        seen: list[int] = []

        def one(number: int) -> None:
            connection = opened(simulator)
            together.wait(10)
            assert send(connection, f"p{number}@example.org", f"m-{number}") == 202
            seen.append(simulator.report().connections)
            connection.close()

        threads = [threading.Thread(target=one, args=(number,)) for number in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert simulator.report().unique == 40
        assert max(seen) > 1


def test_what_a_killed_sender_sent_is_still_known() -> None:
    with running(own_process=True) as simulator:
        command = [sys.executable, "-c", SEND_FOR_EVER, str(simulator.port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sender:
            assert sender.stdout is not None
            told = [int(sender.stdout.readline()) for _ in range(20)]
            sender.kill()
            told += [int(line) for line in sender.stdout]
        entries = {entry.identity for entry in simulator.accepted()}
        assert {f"p{number}@example.org" for number in told} <= entries
        assert len(entries) - len(told) in {0, 1}  # at most the one whose answer nobody heard


def test_the_process_ends_with_the_one_that_started_it() -> None:
    start = (
        "import time\nfrom campaign.demo.providers import running\n"
        "with running(own_process=True) as s:\n    print(s.control_port, flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        simulator = Simulator(0, int(parent.stdout.readline()))
        assert simulator.report().accepted == 0
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait(10)
    assert is_soon_gone(simulator)


def is_soon_gone(simulator: Simulator) -> bool:
    for _ in range(200):
        try:
            simulator.report()
        except SimulatorError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("own_process", [False, True])
def test_a_port_in_use_is_said(own_process: bool) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        options = SimulatorOptions(port=taken.getsockname()[1])
        with pytest.raises(SimulatorError, match="cannot listen"), running(options, own_process=own_process):
            pass


def test_what_there_is_not_is_refused() -> None:
    with running() as simulator, pytest.raises(SimulatorError, match=r"no such name: sunny.*well"):
        simulator._ask("POST", "/faults", {"next": ["sunny"]})
    with pytest.raises(OptionsError, match="between 0 and 1"):
        Faults(reactions={"error": -0.5})
    with pytest.raises(OptionsError, match="no such name: eror"):
        Faults(reactions={"eror": 0.5})
    with pytest.raises(OptionsError, match="more than 1"):
        Faults(fates={"bounced": 0.6, "dropped": 0.6})


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"POST /v3/mail/send HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"POST / HTTP/1.1\r\nX: " + b"x" * 70_000, b"431"),
        (b"GET /nothing HTTP/1.1\r\n\r\n", b"404"),
    ],
)
def test_what_is_no_request_is_answered_and_harms_nobody(sent: bytes, status: bytes) -> None:
    with running() as simulator:
        with socket.create_connection(("127.0.0.1", simulator.port), timeout=10) as connection:
            connection.sendall(sent)
            assert connection.recv(100).split(b" ")[1] == status
        assert simulator.report().accepted == 0


def test_a_request_may_come_in_pieces_and_two_at_once() -> None:
    body = b'{"personalizations":[{"to":[{"email":"a@example.org"}]}],"from":{"email":"b@example.org"},'
    body += b'"subject":"s","content":[{"type":"text/plain","value":"x"}]}'
    head = (
        b"POST /v3/mail/send HTTP/1.1\r\nAuthorization: Bearer SG.simulated.key\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    with running() as simulator:
        with socket.create_connection(("127.0.0.1", simulator.port), timeout=10) as connection:
            whole = (head + body) * 2
            for start in range(0, len(whole), 40):
                connection.sendall(whole[start : start + 40])
            received = b""
            while received.count(b"202 Accepted") < 2:
                received += connection.recv(4096)
        assert simulator.report().accepted == 2
