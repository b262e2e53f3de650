"""All pages of staff."""

from campaign.web.staff import home, plan, problems, students, unsettled
from campaign.web.staff.blueprint import blueprint

__all__ = ["blueprint", "home", "plan", "problems", "students", "unsettled"]
