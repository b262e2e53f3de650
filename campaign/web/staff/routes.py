"""All pages of staff."""

from campaign.web.staff import (
    calibration,
    health,
    home,
    identities,
    import_files,
    imports,
    mappings,
    norms,
    plan,
    problems,
    students,
    tables,
    unsettled,
)
from campaign.web.staff.blueprint import blueprint

__all__ = [
    "blueprint",
    "calibration",
    "health",
    "home",
    "identities",
    "import_files",
    "imports",
    "mappings",
    "norms",
    "plan",
    "problems",
    "students",
    "tables",
    "unsettled",
]
