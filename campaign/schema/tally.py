"""How many messages are in which state, kept by the database itself with every change of a message."""

from sqlalchemy import BigInteger, Column, Integer, SmallInteger, Table, Text

from campaign.schema.base import identity, metadata, reference

# Changes, not totals: a total is the sum of all rows alike. So whoever changes messages waits for nobody, and what is
# rolled back was never counted. `campaign.store.tally` adds rows up when there are many.
message_tally = Table(
    "message_tally",
    metadata,
    identity(),
    # Not a reference: the occurrence has its district, and every change of a message would lock that one row.
    Column("district_id", BigInteger, nullable=False, comment="of the occurrence"),
    reference("occurrence_id", "occurrence", cascade=True),
    Column("channel", Text, nullable=False),
    Column("rung", SmallInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("messages", Integer, nullable=False, comment="so many more; below 0 so many fewer"),
)
