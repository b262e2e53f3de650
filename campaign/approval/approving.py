"""One campaign of one district taken in hand: what it says now, how it stands, and who approves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from campaign.approval import approvals
from campaign.approval.approvals import ApprovalError, Content, Person, Standing
from campaign.contacts import contact_audit
from campaign.definitions.definition import CampaignDefinition
from campaign.dispatch.deliver import Delivery
from campaign.store import accounts, occurrences


@dataclass(frozen=True)
class InHand:
    campaign_id: int
    district_id: int
    definition: CampaignDefinition
    content: Content


def take(delivery: Delivery, connection: Connection, district_id: int, slug: str) -> InHand:
    """Raises ApprovalError where no such campaign can run. The connection acts as the engine."""
    campaigns = {one.slug: one for one in delivery.campaigns(connection, district_id)}
    if slug not in campaigns:
        known = ", ".join(sorted(campaigns)) or "none yet"
        raise ApprovalError(f"There is no campaign {slug!r} that could run here; known: {known}.")
    definition = campaigns[slug]
    year, texts = delivery.rules(connection, district_id).year, delivery.texts(connection, district_id)
    campaign_id = occurrences.ensure_campaign(connection, district_id, slug, definition.title)
    content = approvals.content_of(definition, texts, year, delivery.settings)
    return InHand(campaign_id, district_id, definition, content)


def standing(delivery: Delivery, connection: Connection, one: InHand) -> Standing:
    """How it stands. The connection acts as the engine."""
    needed = delivery.settings.campaign.approvals
    return approvals.standing(connection, one.campaign_id, one.content, needed)


def approve(
    delivery: Delivery, connection: Connection, one: InHand, person: Person, now: datetime
) -> Standing:
    """Add a person's word on what it says now. Raises ApprovalError. The connection acts as the engine."""
    at = standing(delivery, connection, one)
    return approvals.approve(connection, one.campaign_id, one.district_id, at, person, now)


def obstacle(delivery: Delivery, connection: Connection, district_id: int, now: datetime) -> str | None:
    """Why no campaign of the district may begin now, or None: too few households are in reach, and nobody said why it
    should begin all the same. The connection acts as the engine."""
    offered = delivery.settings.languages.offered
    found = contact_audit.audit(connection, district_id, now, offered=offered)
    if not found.blocks:
        return None
    return (
        f"Only {found.reachable:,} of {found.households:,} households are in reach; a campaign begins from"
        f" {contact_audit.GOOD_SHARE:.0%}. Correct contacts on the page Contacts, or say there why it begins even so."
    )


def person(connection: Connection, email: str, district_id: int) -> Person:
    """The account that approves. Raises ApprovalError where it may not. The connection acts as the engine."""
    account = accounts.by_email(connection, email)
    if account is None or not account.active:
        raise ApprovalError(f"There is no open account of {email}; gbg account list names them.")
    if account.district_id not in (None, district_id):
        raise ApprovalError(f"The account of {email} belongs to another district.")
    return Person(account.account_id, account.role, account.principal.actor)


def approve_all(
    delivery: Delivery, connection: Connection, district_id: int, people: Sequence[Person], now: datetime
) -> None:
    """Each person approves every campaign of the district, as far as words are wanting."""
    for definition in delivery.campaigns(connection, district_id):
        one = take(delivery, connection, district_id, definition.slug)
        for person in people:
            if approvals.objection(standing(delivery, connection, one), person) is None:
                approve(delivery, connection, one, person, now)
