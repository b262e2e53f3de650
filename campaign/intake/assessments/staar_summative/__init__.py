"""STAAR summative, grades 3 to 8; see README.md."""

from campaign.intake.assessments.staar_summative.reader import plan, recognises

__all__ = ["plan", "recognises"]
