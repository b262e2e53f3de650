"""Campaigns in the making: each version a district made, what was approved by whom, and what was called off."""

from sqlalchemy import Column, Date, Index, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from campaign.schema.base import identity, metadata, moment, reference

# The newest row of a campaign holds. One that ships has none until a district changes it.
campaign_version = Table(
    "campaign_version",
    metadata,
    identity(),
    reference("campaign_id", "campaign"),
    reference("district_id", "district", index=True),
    Column("definition", JSONB, comment="as in a campaign file; null = removed"),
    Column("note", Text, nullable=False, comment="what was done, as a sentence"),
    Column("actor", Text, nullable=False, comment="as in the audit"),
    moment("at"),
    Index(None, "campaign_id"),
)

# Everything that will be said and to whom, as it stood when somebody approved it.
campaign_content = Table(
    "campaign_content",
    metadata,
    reference("campaign_id", "campaign", primary_key=True),
    Column("content_hash", Text, primary_key=True, comment="SHA-256 of the document"),
    reference("district_id", "district"),
    Column("document", JSONB, nullable=False),
    moment("at"),
)

# One person's word on one content. What was taken back stays here, too.
approval = Table(
    "approval",
    metadata,
    identity(),
    reference("campaign_id", "campaign"),
    reference("district_id", "district", index=True),
    Column("content_hash", Text, nullable=False),
    reference("account_id", "account"),
    moment("at"),
    moment("withdrawn_at", nullable=True),
    Index(None, "campaign_id", "content_hash"),
)

# A campaign called off (no step), or one step of it on one day.
cancellation = Table(
    "cancellation",
    metadata,
    identity(),
    reference("campaign_id", "campaign", index=True),
    reference("district_id", "district"),
    Column("step", Text),
    Column("day", Date),
    Column("actor", Text, nullable=False, comment="as in the audit"),
    moment("at"),
    moment("undone_at", nullable=True),
)

# Every campaign of the district stands still, also one that is made meanwhile.
sending_pause = Table(
    "sending_pause",
    metadata,
    reference("district_id", "district", primary_key=True),
    Column("actor", Text, nullable=False, comment="as in the audit"),
    moment("at"),
)

# A message as it would go out, sent to the staff member who asked for it; never to a family, never counted.
test_message = Table(
    "test_message",
    metadata,
    identity(),
    Column("public_id", Text, nullable=False, comment="what a provider may see"),
    reference("campaign_id", "campaign", index=True),
    reference("district_id", "district"),
    reference("account_id", "account"),
    Column("template", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("outcome", Text, nullable=False, comment="accepted, rejected, retry_at or ambiguous"),
    moment("at"),
    UniqueConstraint("public_id"),
)
