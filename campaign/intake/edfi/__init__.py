"""Ed-Fi XML interchange files and JSON resources; see README.md."""

from campaign.intake.edfi.json_records import Resource, looks_like_json, resource_of
from campaign.intake.edfi.package import plan
from campaign.intake.elements import root_of

__all__ = ["Resource", "looks_like_json", "plan", "resource_of", "root_of"]
