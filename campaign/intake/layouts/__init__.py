"""Assessment exports read as a layout file says; the language is explained in ../assessments/README.md."""

from campaign.intake.layouts.folders import Assessments, plan

__all__ = ["Assessments", "plan"]
