"""Microsoft School Data Sync, CSV V1 and V2.1; see README.md."""

from campaign.intake.sds.package import plan, recognises

__all__ = ["plan", "recognises"]
