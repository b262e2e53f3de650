"""What teachers say before families read, and what is printed for the post."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from campaign.schema.base import identity, metadata, moment, reference

# One row a word of a teacher about one student's report; its text never changes, its state does.
# note: draft, released, withdrawn. hold: in_force, ended. wrong_data: open, settled; it holds too. release: given.
teacher_word = Table(
    "teacher_word",
    metadata,
    identity(),
    reference("district_id", "district"),
    reference("student_id", "student", cascade=True, index=True),
    Column("kind", Text, nullable=False, comment="note, wrong_data, hold or release"),
    Column("state", Text, nullable=False),
    Column("said", Text, nullable=False, comment="the note in English, what is wrong, why it is held"),
    Column("said_by", Text, nullable=False, comment="the name the account had then; printed under a note"),
    Column("actor", Text, nullable=False, comment="as in the audit"),
    moment("at"),
    moment("until", nullable=True, comment="a hold ends by itself then"),
    Column("answer", Text, comment="what was found out about wrong data"),
    Column("settled_by", Text, comment="as in the audit: who released, withdrew, settled or ended it"),
    moment("settled_at", nullable=True),
    Index("ix_teacher_word_open", "district_id", "kind", postgresql_where=text("settled_at IS NULL")),
)

teacher_word_translation = Table(
    "teacher_word_translation",
    metadata,
    reference("teacher_word_id", "teacher_word", cascade=True, primary_key=True),
    Column("language", Text, primary_key=True, comment="as content/languages.toml names it"),
    Column("said", Text, nullable=False),
    Column("actor", Text, nullable=False, comment="as in the audit"),
    moment("at"),
)

# One run for the printer. The number is made of what was selected, so that the same selection is the same run.
print_run = Table(
    "print_run",
    metadata,
    identity(),
    reference("district_id", "district"),
    Column("number", Text, nullable=False, unique=True),
    Column("selection", JSONB, nullable=False, comment="school, grade level, languages, envelope, paper"),
    Column("left_out", JSONB, nullable=False, comment="letters by reason"),
    Column("again", Text, comment="why letters that were printed before are printed once more"),
    Column("actor", Text, nullable=False, comment="as in the audit"),
    moment("planned_at"),
    moment("finished_at", nullable=True),
)

# One letter: a version of a report for a recipient, in a language. The key keeps it from being printed in two runs.
print_letter = Table(
    "print_letter",
    metadata,
    identity(),
    reference("print_run_id", "print_run", cascade=True),
    reference("district_id", "district"),
    reference("student_id", "student", cascade=True, index=True),
    Column("contact_id", BigInteger, ForeignKey("contact.id", ondelete="CASCADE"), nullable=False),
    Column("report_number", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("language", Text, nullable=False),
    Column("copy", SmallInteger, nullable=False, comment="1, and more where it is printed again"),
    Column("route", Text, nullable=False, comment="mail or by_student"),
    Column("position", Integer, nullable=False, comment="in the run: by school, homeroom, language, name"),
    Column("part", Integer, comment="file of the run it is in; null = not printed yet"),
    Column("first_page", Integer, comment="in that file, from 1"),
    Column("pages", Integer, comment="of the envelope, the address sheet with its back included"),
    moment("printed_at", nullable=True),
    UniqueConstraint("report_number", "version", "contact_id", "language", "copy"),
    UniqueConstraint("print_run_id", "position"),
)
