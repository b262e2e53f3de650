"""Other tables of marks or scores, read with a mapping; see README.md."""

from campaign.intake.spreadsheet.mapping import Mapping, Mappings
from campaign.intake.spreadsheet.reader import plan

__all__ = ["Mapping", "Mappings", "plan"]
