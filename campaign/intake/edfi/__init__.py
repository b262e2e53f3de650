"""Ed-Fi XML interchange files; see README.md."""

from campaign.intake.edfi.package import plan
from campaign.intake.elements import root_of

__all__ = ["plan", "root_of"]
