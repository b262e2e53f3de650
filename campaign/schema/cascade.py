"""How far each family has come on the way from the first message to the call list."""

from sqlalchemy import BigInteger, Column, Index, SmallInteger, Table, Text, text

from campaign.schema.base import metadata, moment, reference

# One household in one occurrence whose step has follow-ups. It is read when it is time to look, not after its end.
household_cascade = Table(
    "household_cascade",
    metadata,
    reference("occurrence_id", "occurrence", cascade=True, primary_key=True),
    Column("household", Text, primary_key=True, comment="as its messages have it"),
    Column("district_id", BigInteger, nullable=False, comment="of the occurrence"),
    Column("rung", SmallInteger, nullable=False, comment="the last that is written down"),
    moment("look_at", nullable=True, comment="when it is decided what comes next; null = it has ended"),
    Column("ended", Text, comment="reached, stopped, call_list, silent or no_phone"),
    Column("reason", Text, comment="why it ended, as reasons of messages"),
    moment("ended_at", nullable=True),
    Index(
        "ix_household_cascade_due", "occurrence_id", "look_at", postgresql_where=text("look_at IS NOT NULL")
    ),
)
