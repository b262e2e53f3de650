"""What families write back, by text message, e-mail or their page, and what staff make of it: threads with a clock."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from campaign.schema.base import identity, metadata, moment, reference

# What came in from outside, whole and before anything is made of it; a provider's id makes a second delivery nothing.
# state: placed (in a thread), unplaced (a person decides), obeyed (it was about messages alone: stop, start, help),
# set_aside (a person said that nobody need answer).
reply = Table(
    "reply",
    metadata,
    identity(),
    reference("district_id", "district", nullable=True),
    reference("student_id", "student", nullable=True, cascade=True),
    reference("contact_id", "contact", nullable=True, cascade=True, index=True),
    Column("channel", Text, nullable=False, comment="sms or email"),
    Column("provider_id", Text, nullable=False, comment="the provider's own id of it"),
    Column("from_address", Text, nullable=False),
    Column("to_address", Text, nullable=False),
    Column("subject", Text),
    Column("text", Text, nullable=False, comment="whole, as it came"),
    Column("state", Text, nullable=False),
    Column("why", Text, comment="why a person decides"),
    Column("candidates", JSONB, nullable=False, server_default="[]", comment="[[contact, student], …]"),
    Column("crisis", ARRAY(Text), nullable=False, server_default="{}", comment="kinds of crisis words"),
    moment("danger_told_at", nullable=True),
    Column("automatic", Boolean, nullable=False, server_default=false(), comment="a machine wrote it"),
    Column("settled_by", Text, comment="as in the audit"),
    moment("due_at", nullable=True),
    moment("at"),
    moment("received_at"),
    moment("settled_at", nullable=True),
    Column("to_confirm", Text, comment="key of the one e-mail that says that a choice was heard"),
    moment("confirmed_at", nullable=True),
    moment("forgotten_at", nullable=True),
    UniqueConstraint("channel", "provider_id"),
    Index("ix_reply_unplaced", "district_id", postgresql_where=text("state = 'unplaced'")),
    Index(
        "ix_reply_to_confirm",
        "received_at",
        postgresql_where=text("to_confirm IS NOT NULL AND confirmed_at IS NULL"),
    ),
)

# One thread between a contact and the school about one student. state: waiting (for the school), answered, closed.
conversation = Table(
    "conversation",
    metadata,
    identity(),
    reference("district_id", "district"),
    reference("student_id", "student", cascade=True),
    reference("contact_id", "contact", cascade=True),
    Column("state", Text, nullable=False),
    Column("role", Text, nullable=False, comment="whose turn: teacher, advisor, nurse, special_education …"),
    Column("topic", Text, nullable=False, comment="the role that the words of the family point to"),
    reference("account_id", "account", nullable=True),
    Column("routed_by", Text, nullable=False, comment="words, default, person or clock"),
    Column("channel", Text, nullable=False, comment="on which the family wrote last: sms, email or page"),
    Column("language", Text, comment="as content/languages.toml names it; null = not known"),
    Column("escalations", SmallInteger, nullable=False, server_default="0"),
    moment("waiting_since", nullable=True),
    moment("due_at", nullable=True),
    moment("family_wrote_at"),
    moment("told_closed_at", nullable=True),
    UniqueConstraint("student_id", "contact_id"),
    Index("ix_conversation_waiting", "district_id", "due_at", postgresql_where=text("state = 'waiting'")),
)

# One thing said. What was written on the family's page has its words in family_request and none here.
# state: received; of the school's: to_send, on_page (and nowhere else), in_ledger (see message_id), taken_back.
conversation_message = Table(
    "conversation_message",
    metadata,
    identity(),
    reference("conversation_id", "conversation", cascade=True, index=True),
    reference("district_id", "district"),
    reference("student_id", "student", cascade=True),
    Column("contact_id", BigInteger, nullable=False),
    Column("direction", Text, nullable=False, comment="in (the family) or out (the school)"),
    Column("channel", Text, nullable=False, comment="sms, email or page"),
    Column(
        "text",
        Text,
        comment="without quoted text and signature; null = words of a request, or of the program",
    ),
    Column("language", Text, comment="as content/languages.toml names it; null = not known"),
    reference("reply_id", "reply", nullable=True, cascade=True),
    reference("family_request_id", "family_request", nullable=True, cascade=True),
    Column("other_address", Boolean, nullable=False, server_default=false(), comment="not the contact's own"),
    Column(
        "automatic",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="a machine answered for the family",
    ),
    reference("account_id", "account", nullable=True),
    Column("said_by", Text, comment="the name the account had then; null = the program"),
    Column("state", Text, nullable=False),
    reference("message_id", "message", nullable=True),
    moment("at"),
    moment("forgotten_at", nullable=True),
    Column("kept_days", SmallInteger, comment="after how many days its words were deleted"),
    UniqueConstraint("reply_id"),
    UniqueConstraint("family_request_id"),
)

# Append-only. What was done with a thread, by whom; `before` is what taking it back restores.
conversation_step = Table(
    "conversation_step",
    metadata,
    identity(),
    reference("conversation_id", "conversation", cascade=True, index=True),
    reference("district_id", "district"),
    reference("student_id", "student", cascade=True),
    Column("kind", Text, nullable=False, comment="handed_over, escalated, answered, closed or reopened"),
    reference("account_id", "account", nullable=True),
    Column("said_by", Text, comment="the name the account had then; null = the clock"),
    Column("note", Text),
    Column("before", JSONB, nullable=False),
    Column("taken_back", Boolean, nullable=False, server_default=false()),
    moment("at"),
)

# Words that may tell of danger. kind: self_harm, abuse or weapon. Only a person with a name clears one.
conversation_flag = Table(
    "conversation_flag",
    metadata,
    identity(),
    reference("conversation_id", "conversation", cascade=True, index=True),
    reference("district_id", "district"),
    reference("student_id", "student", cascade=True),
    reference("conversation_message_id", "conversation_message", cascade=True),
    Column("kind", Text, nullable=False),
    Column("words", Text, nullable=False, comment="the words that raised it"),
    moment("raised_at"),
    moment("told_at", nullable=True, comment="when those of the district's protocol were written to"),
    reference("account_id", "account", nullable=True),
    Column("cleared_by", Text, comment="the name the account had then"),
    Column("reason", Text),
    moment("cleared_at", nullable=True),
    UniqueConstraint("conversation_message_id", "kind"),
)

# Append-only; the newest holds. One by a person is checked and feeds the memory of translations.
conversation_translation = Table(
    "conversation_translation",
    metadata,
    identity(),
    reference("conversation_message_id", "conversation_message", cascade=True, index=True),
    reference("district_id", "district"),
    reference("student_id", "student", cascade=True),
    Column("source_language", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("source", Text, nullable=False, comment="the words it was made from"),
    Column("text", Text, nullable=False),
    Column("translator", Text, comment="the service; null = a person"),
    Column("warnings", JSONB, nullable=False, server_default="[]"),
    reference("account_id", "account", nullable=True),
    Column("said_by", Text, comment="the name the account had then"),
    moment("at"),
)

# Who in an account has seen a thread how far: unread is what the family wrote after that.
conversation_look = Table(
    "conversation_look",
    metadata,
    reference("conversation_id", "conversation", cascade=True, primary_key=True),
    reference("account_id", "account", primary_key=True),
    Column("message_id", BigInteger, nullable=False, comment="the newest conversation_message seen"),
)

# A file that came or goes with a message. It lies in the data folder under a random name; null = it was refused.
conversation_attachment = Table(
    "conversation_attachment",
    metadata,
    identity(),
    reference("district_id", "district", nullable=True),
    reference("student_id", "student", nullable=True, cascade=True),
    Column("contact_id", BigInteger),
    reference("reply_id", "reply", nullable=True, cascade=True, index=True),
    reference("conversation_message_id", "conversation_message", nullable=True, cascade=True, index=True),
    Column("name", Text, nullable=False, comment="as the sender called it, made safe"),
    Column("media_type", Text, comment="by its content; null = none that we take"),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("stored", Text, unique=True),
    Column(
        "state",
        Text,
        nullable=False,
        comment="clean, not_scanned, too_large, other_kind, infected or forgotten",
    ),
    moment("at"),
)

caption = Table(
    "caption",
    metadata,
    reference("conversation_attachment_id", "conversation_attachment", cascade=True, primary_key=True),
    Column("language", Text, primary_key=True),
    Column("text", Text, nullable=False, comment="WebVTT"),
)

# Who answers what at a school; a role without a row has the words that ship and nobody by name.
conversation_route = Table(
    "conversation_route",
    metadata,
    reference("district_id", "district"),
    reference("school_id", "school", cascade=True, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("words", ARRAY(Text), nullable=False, server_default="{}", comment="besides those that ship"),
    reference("account_id", "account", nullable=True),
    Column("next_role", Text, comment="who has it when the clock runs out; null = as shipped"),
)

# What a district does when words tell of danger: the text that staff see, and whose list shows it first.
crisis_protocol = Table(
    "crisis_protocol",
    metadata,
    reference("district_id", "district", primary_key=True),
    Column("text", Text, nullable=False),
    Column("account_ids", ARRAY(BigInteger), nullable=False, server_default="{}", comment="who is told"),
    Column("actor", Text, nullable=False, comment="as in the audit"),
    moment("at"),
)
