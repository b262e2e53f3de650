"""What staff read about the fields and kinds of tables that they describe."""

from __future__ import annotations

KINDS = {
    "grades": ("Report-card marks", "One mark of one student a row."),
    "scores": ("Test scores", "One test of one student a row."),
    "attendance": ("Attendance", "Days of a school year, or one day a row."),
    "contacts": ("Family contacts", "One adult of one student a row."),
}

_FIELDS = {
    "student_local_id": "Student: the district's own id",
    "student_state_id": "Student: state id",
    "student_source_id": "Student: id inside the source system",
    "student_given_name": "Student: first name",
    "student_family_name": "Student: last name",
    "student_birth_date": "Student: birth date",
    "is_final": "Final mark of the year",
    "csem": "Error of this one score",
    "family": "Name of the test",
    "version": "Version or year of the test",
    "title": "Title of the test",
    "scale": "Grade scale",
    "scale_score": "Score",
    "administered_on": "Day of the test",
    "assessment_kind": "Sort of test",
    "given_name": "First name of the adult",
    "family_name": "Last name of the adult",
    "code": "What the day was: present, absent …",
    "as_of": "Counted up to",
    "mark": "Mark",
}

CHOICES = {
    "season": ("fall", "winter", "spring"),
    "assessment_kind": ("summative", "interim", "alternate", "language", "college"),
    "subject": ("math", "reading", "writing", "science", "social_studies"),
    "is_final": ("true", "false"),
}

BANDS = {"HIGH": "high", "MIDDLE": "middle", "LOW": "low"}

# What is known of one file only; see `campaign.intake.spreadsheet.saved`.
TOLD = {
    "saved": "Saved. Later files with these columns come in with it.",
    "retired": "Retired. Tables like these are asked about again.",
    "restored": "Brought back as a new version.",
    "taken": "Read from the file and saved.",
}


def field_name(field: str) -> str:
    """The words for a field, or for a column of the preview."""
    return _FIELDS.get(field, field.replace("_", " ").capitalize())


def cell(value: object) -> str:
    """A value as the preview shows it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
