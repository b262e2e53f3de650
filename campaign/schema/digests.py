"""Which messages went out together as one weekly message."""

from sqlalchemy import Table

from campaign.schema.base import metadata, moment, reference

# A message that travels in another one, the lead, which alone is handed to a sender; whatever becomes of the lead
# becomes of it. The line goes when the lead does not go out after all: then each goes its own way again.
digest_line = Table(
    "digest_line",
    metadata,
    reference("message_id", "message", primary_key=True, cascade=True),
    reference("lead_id", "message", index=True, cascade=True),
    reference("district_id", "district"),
    moment("gathered_at"),
)
