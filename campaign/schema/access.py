"""Who may come in, by which door, and the trace of what they looked at."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, SmallInteger, Table, Text, true
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from campaign.schema.base import identity, metadata, moment, reference

# role: state, district, school, teacher or partner. school_ids: empty = all schools of the district.
account = Table(
    "account",
    metadata,
    identity(),
    reference("district_id", "district", nullable=True),
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("school_ids", ARRAY(BigInteger), nullable=False, server_default="{}"),
    reference("staff_member_id", "staff_member", nullable=True),
    Column("password_hash", Text, comment="Argon2id"),
    Column("active", Boolean, nullable=False, server_default=true()),
)

# Single use, short-lived; only the hash of the token is kept.
sign_in_link = Table(
    "sign_in_link",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    reference("account_id", "account"),
    moment("expires_at"),
    moment("used_at", nullable=True),
)

session = Table(
    "session",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    reference("account_id", "account"),
    moment("created_at"),
    moment("last_seen_at"),
    moment("ended_at", nullable=True),
)

# A link to one student's page for one contact. It says nothing until the second step succeeds.
family_link = Table(
    "family_link",
    metadata,
    identity(),
    # Not a reference: the student has one, and every link would lock that one row.
    Column("district_id", BigInteger, nullable=False, comment="of the student"),
    # Triggers do for these what references would, for all links of a statement at once.
    Column("student_id", BigInteger, nullable=False, comment="removed with it"),
    Column("contact_id", BigInteger, nullable=False, comment="removed with it"),
    Column("token_sha256", Text, nullable=False, unique=True),
    Column("purpose", Text, nullable=False, comment="report (from a message) or print"),
    Column("wrong_tries", SmallInteger, nullable=False, server_default="0"),
    moment("created_at"),
    moment("expires_at"),
    moment("revoked_at", nullable=True),
    Column("revoked_reason", Text),
    Index(None, "student_id", "contact_id"),
)

family_session = Table(
    "family_session",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    reference("family_link_id", "family_link", cascade=True, index=True),
    Column("language", Text, comment="the one chosen on the page"),
    moment("created_at"),
    moment("expires_at"),
)

# Append-only; each row carries the hash of the one before it.
audit_entry = Table(
    "audit_entry",
    metadata,
    identity(),
    moment("at"),
    reference("district_id", "district", nullable=True),
    Column("actor", Text, nullable=False, comment="account:7, family_link:9 or engine"),
    Column("action", Text, nullable=False),
    Column("target", Text, comment="student:12, publication:3 …: ids, never names"),
    Column("detail", JSONB, nullable=False, server_default="{}"),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

# How often an address has tried lately, for rate limits that hold over processes.
attempt_counter = Table(
    "attempt_counter",
    metadata,
    Column("key", Text, primary_key=True),
    moment("window_began_at"),
    Column("count", Integer, nullable=False),
)
