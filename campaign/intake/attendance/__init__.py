"""Attendance in days, from plain and mapped tables; see README.md."""

from campaign.intake.attendance.reader import mapping_of, plan

__all__ = ["mapping_of", "plan"]
