"""All doors of providers."""

from campaign.web.hooks import sendgrid, twilio
from campaign.web.hooks.blueprint import blueprint

__all__ = ["blueprint", "sendgrid", "twilio"]
