"""NWEA MAP Growth; see README.md."""

from campaign.intake.assessments.nwea_map_growth.reader import plan, recognises

__all__ = ["plan", "recognises"]
