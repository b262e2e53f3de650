"""The Ed-Fi files of one folder."""

from __future__ import annotations

from campaign.intake.plans import Examined, SourcePlan
from campaign.intake.problems import IntakeError


def plan(name: str, files: list[tuple[Examined, str]]) -> SourcePlan:
    """The source that the Ed-Fi files of one folder make."""
    raise IntakeError(f"{name} holds XML, which is not read in this version.")
