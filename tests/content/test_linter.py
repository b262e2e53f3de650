"""Words we do not say, parts a text must have."""

import pytest

from content.linter import lint, missing_parts


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Ana is failing math."),
        ("en", "Ana fell behind."),
        ("en", "There is a gap in math."),
        ("en", "Ana is a low-performing student."),
        ("en", "Ana is at risk."),
        ("en", "The test proves it."),
        ("en", "This is the wrong grade."),
        ("en", "Grades are inflated."),
        ("en", "Your child is below grade level."),
        ("en", "The NAEP shows who is at grade level."),
        ("en", "42nd percentile"),
        ("en", "Ana is not college-ready."),
        ("en", "Ana needs remedial work, a deficiency."),
        ("es", "Ana va atrasada en lectura."),
        ("es", "Hay una brecha."),
        ("es", "Ana está en riesgo de reprobar."),
        ("es", "El examen demuestra que la nota inflada."),
        ("es", "El NAEP dice el nivel de su grado."),
    ],
)
def test_words_we_do_not_say_are_found_with_a_remedy(language: str, text: str) -> None:
    findings = lint(text, language)
    assert findings
    assert all(finding.remedy for finding in findings)


@pytest.mark.parametrize(
    "text",
    [
        "Ana was not yet at grade level. Ask the teacher.",
        "The test improves each year. Behind the school is a park.",
        "NAEP is a test. Grade level is another thing.",
        "In reading Ana did better than 42 percent of students.",
    ],
)
def test_plain_words_pass(text: str) -> None:
    assert lint(text, "en") == []


def test_college_words_are_for_high_school() -> None:
    assert lint("Is Ana college-ready?", "en", grade_level=5)
    assert lint("Is Ana college-ready?", "en", grade_level=11) == []


def test_each_missing_part_is_named() -> None:
    whole = (
        "Ana has a B in math. One test is one day. The test was in April 2026. Ask the teacher what comes next."
        " To stop these reports, tell the school."
    )
    assert missing_parts(whole, "en", student="Ana", subjects=("math",)) == []
    for part in ("Ana", "math", "One test is one day", "April", "Ask", "To stop"):
        assert missing_parts(whole.replace(part, "…"), "en", student="Ana", subjects=("math",)), part
