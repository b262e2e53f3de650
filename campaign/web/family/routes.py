"""All pages of families, on one blueprint."""

from campaign.web.family import door, formats, listening, page, stop, talk, week, wishes, writing
from campaign.web.family.blueprint import blueprint

__all__ = ["blueprint", "door", "formats", "listening", "page", "stop", "talk", "week", "wishes", "writing"]
