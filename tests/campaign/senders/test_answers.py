"""Answers of a provider, in whatever pieces their bytes come."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.senders.answers import Answer, AnswerReader, Malformed

WHOLE = [
    (b"HTTP/1.1 202 Accepted\r\nX-Message-Id: m1\r\nContent-Length: 0\r\n\r\n", 202, b"", True),
    (b"HTTP/1.1 429 Too Many\r\ncontent-length: 3\r\nRetry-After: 7\r\n\r\nno!", 429, b"no!", True),
    (b"HTTP/1.1 204 \r\nDate: today\r\n\r\n", 204, b"", True),
    (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", 200, b"ok", False),
    (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, b"ok", True),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n",
        200,
        b"abcde",
        True,
    ),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, b"", True),
]


def read(reader: AnswerReader, pieces: list[bytes]) -> Answer | None:
    found = None
    for piece in pieces:
        assert found is None, "there was an answer before its end"
        found = reader.feed(piece)
    return found


@pytest.mark.parametrize(("data", "status", "body", "keeps_open"), WHOLE)
@given(cuts=st.lists(st.integers(0, 200), max_size=6))
def test_an_answer_is_the_same_however_it_is_cut(
    cuts: list[int], data: bytes, status: int, body: bytes, keeps_open: bool
) -> None:
    # The last byte comes with what is before it, so that no piece follows the end.
    places = sorted({0, *(cut for cut in cuts if cut < len(data)), len(data)})
    pieces = [data[a:b] for a, b in pairwise(places)]
    answer = read(AnswerReader(), pieces)
    assert answer is not None
    assert (answer.status, answer.body, answer.keeps_open) == (status, body, keeps_open)


@given(data=st.sampled_from([case[0] for case in WHOLE]), cut=st.integers(0, 60))
def test_an_answer_cut_off_is_none(data: bytes, cut: int) -> None:
    reader = AnswerReader()
    assert reader.feed(data[: min(cut, len(data) - 1)]) is None
    assert reader.end() is None


def test_without_a_length_it_ends_with_the_connection() -> None:
    reader = AnswerReader()
    assert reader.feed(b"HTTP/1.0 200 OK\r\n\r\nall of") is None
    assert reader.feed(b" it") is None
    answer = reader.end()
    assert answer is not None
    assert (answer.body, answer.keeps_open) == (b"all of it", False)


def test_names_of_headers_are_found_however_they_are_written() -> None:
    answer = AnswerReader().feed(WHOLE[1][0])
    assert answer is not None
    assert answer.headers.get("RETRY-after") == answer.headers["retry-After"] == "7"
    assert "X-Other" not in answer.headers
    assert answer.headers.get("X-Other", "none") == "none"


def test_what_follows_an_answer_ends_the_connection() -> None:
    answer = AnswerReader().feed(WHOLE[0][0] + b"HTTP/1.1 200 OK\r\n")
    assert answer is not None
    assert not answer.keeps_open


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"x" * 70_000,
    ],
)
def test_what_is_no_answer_is_named(data: bytes) -> None:
    with pytest.raises(Malformed):
        AnswerReader().feed(data)
