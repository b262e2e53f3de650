"""Connections that stay open: used again, given up in time, and clear about what was on its way."""

from __future__ import annotations

import queue
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from campaign.senders.connections import Answer, Connections, NoClearAnswer, NotConnected, whole
from tests.contracts.sinks import free_port, http_sink

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def server(
    behave: Callable[[socket.socket], None], context: ssl.SSLContext | None = None
) -> Iterator[tuple[int, list[str]]]:
    """A server that does as told with each connection, one at a time; its port and the connections it had."""
    listening, seen = socket.create_server(("127.0.0.1", 0)), list[str]()

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            seen.append("connection")
            try:
                with context.wrap_socket(connection, server_side=True) if context else connection as made:
                    behave(made)
            except OSError:
                seen.append("gone")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1], seen
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def answers(count: int) -> Callable[[socket.socket], None]:
    def behave(connection: socket.socket) -> None:
        for _ in range(count):
            if not connection.recv(65536):
                return
            connection.sendall(OK)

    return behave


def silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def test_one_connection_serves_one_request_after_the_other() -> None:
    with server(answers(9)) as (port, seen), closing(Connections(f"http://127.0.0.1:{port}")) as connections:
        assert [connections.post("/a", b"x", {}).body for _ in range(5)] == [b"ok"] * 5
        assert connections.get("/b", {"Accept": "text/plain"}).status == 200
    assert seen == ["connection"]


def test_a_connection_that_the_other_side_ended_in_peace_costs_no_message() -> None:
    with server(answers(1)) as (port, seen), closing(Connections(f"http://127.0.0.1:{port}")) as connections:
        for _ in range(4):
            connections.post("/a", b"x", {})
            # Until the end of the connection has been noticed; a message in between would be in doubt.
            assert wait_until(lambda: not any(is_established(port)))
    assert seen == ["connection"] * 4


def is_established(port: int) -> list[str]:
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    ends = [line.split()[1:4] for line in lines]
    return [state for _, far, state in ends if far.endswith(f":{port:04X}") and state in {"01", "08"}]


def wait_until(holds: Callable[[], bool]) -> bool:
    pause = threading.Event()
    return any(holds() or pause.wait(0.01) for _ in range(300))


def test_many_requests_share_few_connections() -> None:
    told: queue.SimpleQueue[object] = queue.SimpleQueue()
    with http_sink() as sink:
        connections = Connections(f"http://127.0.0.1:{sink.port}", most=4)
        with closing(connections):
            head = connections.head("POST", "/a", {"Content-Type": "application/json"})
            connections.start([(whole(head, b'{"n": %d}' % n), told.put) for n in range(50)])
            results = [told.get(timeout=10) for _ in range(50)]
        assert all(isinstance(result, Answer) and result.status == 202 for result in results)
        assert sorted(document["n"] for document in sink.taken) == list(range(50))


def test_nobody_there_is_said_to_all_who_wait() -> None:
    told: queue.SimpleQueue[object] = queue.SimpleQueue()
    with closing(Connections(f"http://127.0.0.1:{free_port()}")) as connections:
        head = connections.head("POST", "/a", {})
        connections.start([(whole(head, b"{}"), told.put)] * 100)
        assert all(isinstance(told.get(timeout=10), NotConnected) for _ in range(100))
        with pytest.raises(NotConnected):
            connections.get("/a", {})


def test_who_is_silent_is_given_up() -> None:
    with server(silent) as (port, _), pytest.raises(NoClearAnswer):
        Connections(f"http://127.0.0.1:{port}", 5, 0.2).post("/a", b"x", {})


def test_closing_leaves_nobody_waiting() -> None:
    told: queue.SimpleQueue[object] = queue.SimpleQueue()
    with server(silent) as (port, seen):
        connections = Connections(f"http://127.0.0.1:{port}", most=1)
        connections.start([(whole(connections.head("POST", "/a", {}), b"x"), told.put)] * 2)
        assert wait_until(lambda: bool(seen))
        connections.close()
        kinds = {type(told.get(timeout=5)), type(told.get(timeout=5))}
    # The first may be on its way by then; the second certainly is not.
    assert NotConnected in kinds
    assert kinds <= {NotConnected, NoClearAnswer}


def test_no_header_can_smuggle_another() -> None:
    with pytest.raises(ValueError, match="line break"):
        Connections("http://127.0.0.1:1").head("POST", "/", {"X": "a\r\nBcc: b"})


def test_tls_is_spoken_and_a_stranger_is_not_trusted(tmp_path: Path) -> None:
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "1",
                "-subj",
                "/CN=localhost",
            ),
            *("-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with server(answers(3), context) as (port, _):
        with closing(Connections(f"https://localhost:{port}")) as strict, pytest.raises(NotConnected):
            strict.get("/", {})
        trusting = ssl.create_default_context(cafile=certificate)
        with closing(Connections(f"https://localhost:{port}", tls=trusting)) as connections:
            assert [connections.post("/", b"x", {}).body for _ in range(3)] == [b"ok"] * 3
