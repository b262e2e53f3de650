"""Each fault of the simulated providers, as a client meets it, and what was accepted all the same."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections import Counter
from collections.abc import Iterator

import pytest
import python_http_client
from sendgrid import SendGridAPIClient
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from campaign.demo.providers import Fate, Faults, Mishap, Reaction, Simulator, SimulatorOptions, running

HEADERS = {"Authorization": "Bearer SG.simulated.key", "Content-Type": "application/json"}


@pytest.fixture(scope="module")
def started() -> Iterator[Simulator]:
    with running() as simulator:
        yield simulator


@pytest.fixture
def simulator(started: Simulator) -> Simulator:
    started.change(Faults())
    started.forget()
    return started


def mail(name: str) -> dict[str, object]:
    return {
        "personalizations": [{"to": [{"email": f"{name}@example.org"}], "custom_args": {"public_id": name}}],
        "from": {"email": "families@example.org"},
        "subject": "A report is ready",
        "content": [{"type": "text/plain", "value": "Hello"}],
    }


def send(simulator: Simulator, name: str = "m-1", seconds: float = 10) -> str:
    """What the client sees: the status, or the name of the error."""
    connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=seconds)
    try:
        connection.request("POST", "/v3/mail/send", json.dumps(mail(name)), HEADERS)
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("reaction", "seen", "taken"),
    [
        (Reaction.WELL, "202", 1),
        (Reaction.RATE_LIMITED, "429", 0),
        (Reaction.ERROR, "503", 0),
        (Reaction.ERROR_TAKEN, "502", 1),
        (Reaction.HUNG_UP, "ConnectionResetError", 0),
        (Reaction.HUNG_UP_TAKEN, "ConnectionResetError", 1),
        (Reaction.SILENT, "TimeoutError", 0),
        (Reaction.SILENT_TAKEN, "TimeoutError", 1),
    ],
)
def test_each_reaction_is_seen_and_takes_or_does_not(
    simulator: Simulator, reaction: Reaction, seen: str, taken: int
) -> None:
    simulator.change(Faults(next=(reaction,)))
    assert send(simulator, seconds=0.3) == seen
    report = simulator.report()
    assert (report.accepted, len(simulator.accepted("m-1"))) == (taken, taken)
    assert report.reactions == ({} if reaction is Reaction.WELL else {reaction: 1})
    assert send(simulator, "m-2") == "202"


def test_a_dripping_answer_is_whole_at_the_end(simulator: Simulator) -> None:
    simulator.change(Faults(next=(Reaction.DRIPPING,), drip_ms=2))
    began = time.monotonic()
    assert send(simulator) == "202"
    assert time.monotonic() - began > 0.1
    assert simulator.report().accepted == 1
    simulator.change(Faults(next=(Reaction.DRIPPING,), drip_ms=200))
    # Each byte is in time and the answer is not: whoever counts from the last byte waits for very long.
    assert send(simulator, "m-2", seconds=0.1) == "TimeoutError"
    assert simulator.report().accepted == 2


def test_what_is_refused_for_its_content_is_never_taken(simulator: Simulator) -> None:
    simulator.change(Faults(next=(Reaction.ERROR_TAKEN,)))
    bad = {**mail("m-1"), "content": []}
    with pytest.raises(python_http_client.exceptions.HTTPError):
        SendGridAPIClient("SG.simulated.key", host=simulator.url).send(bad)
    assert simulator.report().accepted == 0


def test_a_storm_says_when_to_come_back(simulator: Simulator) -> None:
    simulator.change(Faults(next=(Reaction.RATE_LIMITED,) * 3))
    client = SendGridAPIClient("SG.simulated.key", host=simulator.url)
    for _ in range(3):
        asked = time.time()
        with pytest.raises(python_http_client.TooManyRequestsError) as busy:
            client.send(mail("m-1"))
        limits = {name: value for name, value in busy.value.headers.items() if name.startswith("X-RateLimit")}
        assert limits["X-RateLimit-Remaining"] == "0"
        assert asked < int(limits["X-RateLimit-Reset"]) < time.time() + 3
    assert client.send(mail("m-1")).status_code == 202


def test_a_limit_of_requests_a_second_holds(simulator: Simulator) -> None:
    simulator.change(Faults(most_per_second=5))
    began = int(time.monotonic())
    seen = Counter(send(simulator, f"m-{number}") for number in range(40))
    seconds = int(time.monotonic()) - began + 1
    assert 5 <= seen["202"] <= 5 * seconds
    assert seen["202"] + seen["429"] == 40
    assert simulator.report().accepted == seen["202"]


def test_twilio_s_own_error_codes_come_with_the_reactions(simulator: Simulator) -> None:
    options = simulator.options
    client = Client(options.twilio_account, options.twilio_token)
    client.api.base_url = simulator.url
    simulator.change(Faults(next=(Reaction.RATE_LIMITED, Reaction.ERROR_TAKEN)))
    seen = []
    for _ in range(2):
        with pytest.raises(TwilioRestException) as failed:
            client.messages.create(
                to="+12025550101", messaging_service_sid=options.twilio_service, body="Hello"
            )
        seen.append((failed.value.status, failed.value.code))
    assert seen == [(429, 20429), (502, 20500)]
    assert [text.body for text in client.messages.list(to="+12025550101")] == ["Hello"]


def test_answers_take_their_time_and_a_few_take_longer(simulator: Simulator) -> None:
    def seconds() -> float:
        began = time.monotonic()
        assert send(simulator) == "202"
        return time.monotonic() - began

    simulator.change(Faults(latency_ms=150))
    assert seconds() >= 0.15
    simulator.change(Faults(latency_ms=0, tail_share=1.0, tail_ms=250))
    assert seconds() >= 0.25


def test_who_hangs_up_before_a_message_is_taken_has_not_sent_it(simulator: Simulator) -> None:
    for taken_at, expected in ((0.0, 1), (1.0, 0)):
        simulator.forget()
        simulator.change(Faults(latency_ms=400, taken_at=taken_at))
        assert send(simulator, seconds=0.1) == "TimeoutError"
        time.sleep(0.6)
        assert simulator.report().accepted == expected


def test_connections_are_refused_and_accepted_again(simulator: Simulator) -> None:
    kept = socket.create_connection(("127.0.0.1", simulator.port), timeout=5)
    assert send(simulator) == "202"
    simulator.refuse_connections()
    assert send(simulator) == "ConnectionRefusedError"
    with kept, pytest.raises(ConnectionResetError):
        kept.recv(1)
    simulator.accept_connections()
    assert send(simulator, "m-2") == "202"
    assert simulator.report().unique == 2


def test_shares_are_drawn_by_seed() -> None:
    faults = Faults(reactions={Reaction.ERROR: 0.3, Reaction.HUNG_UP_TAKEN: 0.2})

    def course(seed: int) -> list[str]:
        with running(SimulatorOptions(seed=seed, faults=faults)) as simulator:
            return [send(simulator, f"m-{number}") for number in range(60)]

    first = course(7)
    assert first == course(7) != course(8)
    counted = Counter(first)
    assert set(counted) == {"202", "503", "ConnectionResetError"}
    assert 5 <= counted["503"] <= 32


def test_shares_of_fates_and_mishaps_are_drawn_too() -> None:
    faults = Faults(
        event_ms=60_000,
        fates={Fate.BOUNCED: 0.5},
        mishaps={Mishap.TWICE: 0.5, Mishap.FORGED: 0.5, Mishap.REPLAYED: 0.5},
    )
    with running(SimulatorOptions(events_url="https://schools.example/hook", faults=faults)) as simulator:
        for number in range(40):
            send(simulator, f"m-{number}")
            simulator.deliver()
        posts = simulator.take_posts()
        report = simulator.report()
    # Each delivery is one post, with a forgery or a replay beside some.
    assert len(posts) == 40 + report.posts["forged"] + report.posts["replayed"]
    assert 5 < report.posts["forged"] < 35
    assert 5 < report.posts["replayed"] < 35
    bounced = {e["public_id"] for post in posts for e in json.loads(post.body) if e["event"] == "bounce"}
    assert 5 < len(bounced) < 35
