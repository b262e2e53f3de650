"""Errors that are told as they are, in one line: to a person at the command line, or on a page."""

from __future__ import annotations


class PlainError(Exception):
    """A person can mend this; the message says in one line what is wrong and what to do."""


class NotFound(Exception):
    """What was asked about is not there, or not to be told apart; the message says what to do."""
