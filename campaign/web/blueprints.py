"""The faces of the program, each a blueprint of its own."""

from __future__ import annotations

from flask import Blueprint

from campaign.web.family.routes import blueprint as family
from campaign.web.hooks.routes import blueprint as hooks
from campaign.web.partner.routes import blueprint as partner
from campaign.web.sign_in.routes import blueprint as sign_in
from campaign.web.staff.routes import blueprint as staff

FACES: tuple[Blueprint, ...] = (sign_in, staff, family, partner, hooks)
