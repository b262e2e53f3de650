"""What became of messages after a provider took them, and what came to the doors that providers tell it at."""

from sqlalchemy import BigInteger, Column, Date, Index, Table, Text, text

from campaign.schema.base import metadata, moment, reference

# One row for a message of which its provider has told anything; worked out from all its events.
delivery = Table(
    "delivery",
    metadata,
    reference("message_id", "message", primary_key=True),
    reference("district_id", "district"),
    reference("occurrence_id", "occurrence"),
    Column(
        "channel",
        Text,
        nullable=False,
        comment="as the message has it, to be counted without reading messages",
    ),
    Column("status", Text, nullable=False, comment="as the kinds of provider_event"),
    Column("cause", Text, comment="why not further"),
    moment("at"),
    Index("ix_delivery_not_arrived", "district_id", "at", postgresql_where=text("cause IS NOT NULL")),
)

# By its text a message is found again in its provider's list; of channels whose provider takes no id of ours.
sent_text = Table(
    "sent_text",
    metadata,
    reference("message_id", "message", primary_key=True),
    Column("fencing", BigInteger, nullable=False, comment="of the message when it was handed over"),
    Column("sha256", Text, nullable=False),
    Column("to_sha256", Text, nullable=False, comment="of the address, which may be another one by now"),
)

# How many events a day were taken, refused or passed over. Belongs to the installation: a forged one has no district.
event_count = Table(
    "event_count",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("outcome", Text, primary_key=True, comment="taken, again, forged, stale, unreadable, others, …"),
    Column("count", BigInteger, nullable=False),
    moment("last_at"),
)
