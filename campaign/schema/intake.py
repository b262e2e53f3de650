"""What came in: runs, files, and every row that was refused, with the reason and what to do."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text, UniqueConstraint, false
from sqlalchemy.dialects.postgresql import JSONB

from campaign.schema.base import identity, metadata, moment, reference

import_run = Table(
    "import_run",
    metadata,
    identity(),
    reference("district_id", "district", nullable=True),
    Column(
        "status", Text, nullable=False, comment="waiting, running, done, failed, cancelled or interrupted"
    ),
    moment("started_at", comment="asked for, as long as it waits"),
    moment("finished_at", nullable=True),
    reference("account_id", "account", nullable=True),
    reference("repeats_id", "import_run", nullable=True),
)

# A file sent through the browser, kept in the data folder as uploads/<folder>/<name> until its time is over.
upload = Table(
    "upload",
    metadata,
    identity(),
    reference("district_id", "district", nullable=True),
    Column("folder", Text, nullable=False, comment="random; says nothing about who or what"),
    Column("name", Text, nullable=False, comment="made safe"),
    Column("bytes", BigInteger, nullable=False),
    moment("received_at"),
    moment("deleted_at", nullable=True),
)

import_run_upload = Table(
    "import_run_upload",
    metadata,
    reference("import_run_id", "import_run", primary_key=True),
    reference("upload_id", "upload", primary_key=True),
)

# How far a run has come, file by file; what became of each file stands in source_file.
import_progress = Table(
    "import_progress",
    metadata,
    reference("import_run_id", "import_run", primary_key=True),
    Column("name", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("expected_rows", Integer, comment="guessed from the size; null = no guess"),
    Column("rows", Integer, nullable=False, server_default="0"),
    Column("state", Text, nullable=False, comment="waiting, reading or merging"),
)

# rows_in = accepted + refused, always; `unchanged` counts the accepted rows that said nothing new.
source_file = Table(
    "source_file",
    metadata,
    identity(),
    reference("import_run_id", "import_run"),
    reference("district_id", "district", nullable=True),
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column(
        "format", Text, nullable=False, comment="what the header showed it to be, e.g. oneroster 1.2 users"
    ),
    Column("status", Text, nullable=False, comment="done, failed or not_needed"),
    Column("rows_in", Integer, nullable=False, server_default="0"),
    Column("accepted", Integer, nullable=False, server_default="0"),
    Column("unchanged", Integer, nullable=False, server_default="0"),
    Column("refused", Integer, nullable=False, server_default="0"),
    Column("message", Text, comment="why it failed or was not needed, and what to do"),
    moment("set_aside_at", nullable=True, comment="a person said that its problems need nobody's work"),
    Index(None, "import_run_id"),
    Index(None, "name"),
)

refused_row = Table(
    "refused_row",
    metadata,
    identity(),
    reference("source_file_id", "source_file", index=True),
    reference("district_id", "district", nullable=True),
    Column("line", Integer, nullable=False),
    Column("column_name", Text),
    Column("code", Text, nullable=False),
    Column("reason", Text, nullable=False, comment="in plain words, without the person's data"),
    Column("remedy", Text, nullable=False),
    Column(
        "accepted",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="true = the row came in all the same, and a person should look; line 0 = the file as a whole",
    ),
    reference("school_id", "school", nullable=True),
    Column("subject", Text, comment="like the school: what the row was about, null = not known"),
)

# How a district's tables without a format of their own are read. A change is a new version; imports name the one they
# were read with.
table_mapping = Table(
    "table_mapping",
    metadata,
    identity(),
    reference("district_id", "district"),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("content", JSONB, nullable=False, comment="the table [mapping] of a mapping file"),
    Column("header", Text, comment="SHA-256 of the columns of the table it was made for"),
    Column("created_by", Text, nullable=False, comment="actor as in the audit"),
    moment("created_at"),
    moment("superseded_at", nullable=True, comment="a newer version or nothing is used since; null = in use"),
    UniqueConstraint("district_id", "name", "version"),
)
