"""What people of the school did on the phone, try by try."""

from sqlalchemy import ARRAY, BigInteger, Column, Table, Text

from campaign.schema.base import identity, metadata, moment, reference

# Append-only; a try that was entered by mistake stays and says who took it back.
call_try = Table(
    "call_try",
    metadata,
    identity(),
    reference("message_id", "message", cascade=True, index=True),
    reference("district_id", "district"),
    Column("outcome", Text, nullable=False, comment="campaign.calling.calls.Outcome"),
    Column("note", Text, comment="what the family asked for, in the words of whoever called"),
    Column("said_by", Text, nullable=False, comment="the name the account had then"),
    Column("actor", Text, nullable=False, comment="as in the audit"),
    moment("at"),
    Column("before", Text, nullable=False, comment="state of the message before"),
    Column("consent_events", ARRAY(BigInteger), nullable=False, comment="what it wrote down about consent"),
    moment("undone_at", nullable=True),
    Column("undone_by", Text),
)
