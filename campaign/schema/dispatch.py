"""How the providers of messages fare: shared by all workers, so that each of them obeys what any of them was told."""

from sqlalchemy import Column, Date, Float, Integer, SmallInteger, Table, Text

from campaign.schema.base import metadata, moment

provider = Table(
    "provider",
    metadata,
    Column("name", Text, primary_key=True),
    Column("tokens", Float, comment="left of the bucket; empty where there is no limit"),
    moment("filled_at", nullable=True),
    moment("waits_until", nullable=True),
    Column("reason", Text, comment="what the provider said last when it took nothing"),
    Column("breaker", Text, nullable=False, server_default="closed", comment="closed, open or half_open"),
    moment("breaker_since"),
    moment("breaker_until", nullable=True),
    Column("breaker_times", SmallInteger, nullable=False, server_default="0"),
    Column("good", Integer, nullable=False, server_default="0"),
    Column("bad", Integer, nullable=False, server_default="0"),
    Column("weight", SmallInteger, comment="percent of its channel; empty while it is as the settings say"),
    moment("weighed_at", nullable=True),
    Column("day", Date, comment="on which day_used was counted, in the zone of its limit"),
    Column("day_used", Integer, nullable=False, server_default="0", comment="parts of text messages"),
)
