"""What came in: runs, files, and every row that was refused, with the reason and what to do."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, Table, Text, false

from campaign.schema.base import identity, metadata, moment, reference

import_run = Table(
    "import_run",
    metadata,
    identity(),
    reference("district_id", "district", nullable=True),
    Column("status", Text, nullable=False, comment="running, done or failed"),
    moment("started_at"),
    moment("finished_at", nullable=True),
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
)
