"""Texts as a district has them, and who let texts out that nobody has reviewed: histories, to which rows are added."""

from sqlalchemy import Boolean, Column, Index, Table, Text

from campaign.schema.base import identity, metadata, moment, reference

# The newest row of a text is the one that holds; a text that names no district holds in all of them.
wording = Table(
    "wording",
    metadata,
    identity(),
    reference("district_id", "district", nullable=True),
    Column("language", Text, nullable=False, comment="as content/languages.toml names it"),
    Column("unit", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("text", Text, comment="null = as it is shipped"),
    Column("state", Text, nullable=False, comment="draft or human_reviewed; that it is stale is worked out"),
    Column("source_hash", Text, nullable=False, comment="SHA-256 of the English it was written for"),
    Column("source", Text, nullable=False, comment="that English, to show what has changed since"),
    Column("note", Text, comment="why, or from where"),
    Column("actor", Text, nullable=False, comment="as in the audit"),
    moment("at"),
    Index(None, "district_id", "language", "unit", "key"),
)

draft_permission = Table(
    "draft_permission",
    metadata,
    identity(),
    reference("district_id", "district", index=True),
    Column("language", Text, nullable=False),
    Column("drafts", Boolean, nullable=False, comment="texts that nobody has reviewed may go out"),
    Column("stale", Boolean, nullable=False, comment="also those whose English has changed since"),
    Column("said_by", Text, nullable=False, comment="name of the person who answers for it"),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False, comment="as in the audit"),
    moment("at"),
)
