"""All pages of families, on one blueprint."""

from campaign.web.family import door, page, stop
from campaign.web.family.blueprint import blueprint

__all__ = ["blueprint", "door", "page", "stop"]
