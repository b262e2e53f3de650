"""Other tables of marks, scores or family contacts, read with a mapping; see README.md."""

from campaign.intake.delimited import Header
from campaign.intake.plans import Examined, FilePlan
from campaign.intake.spreadsheet import contacts, reader
from campaign.intake.spreadsheet.mapping import Mapping, Mappings

__all__ = ["Mapping", "Mappings", "plan"]


def plan(examined: Examined, header: Header, mapping: Mapping) -> FilePlan:
    """How the table is read. Raises IntakeError for an [[assessment]] of the mapping that cannot be used."""
    if mapping.kind == "contacts":
        return contacts.plan(examined, header, mapping)
    return reader.plan(examined, header, mapping)
