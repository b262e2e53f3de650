"""Doors for providers: events of messages, and what families write back."""
