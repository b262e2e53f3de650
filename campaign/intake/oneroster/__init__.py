"""OneRoster 1.1 and 1.2 CSV packages; see README.md."""

from campaign.intake.oneroster.package import plan, recognises

__all__ = ["plan", "recognises"]
