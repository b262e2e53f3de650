"""What a forecast is made from: what senders take a second, and how long the text messages of districts may become."""

from __future__ import annotations

from campaign.access import ENGINE
from campaign.approval import worst_cases
from campaign.approval.worst_cases import Bench
from campaign.database import transaction
from campaign.dispatch.day_book import limits_of
from campaign.dispatch.deliver import Delivery
from campaign.plans.forecast import Pace, PartsOf
from campaign.plans.plan_summary import PlanSummary
from campaign.senders.segments import MOST_SEGMENTS
from campaign.settings import Settings
from campaign.store import occurrences
from campaign.wordings.wording import Wording, base


def pace(settings: Settings) -> Pace:
    """What the settings let providers take."""
    senders = {"email": settings.mail.sender, "sms": settings.sms.sender}
    limits, days = settings.limits.per_second, limits_of(settings)
    return Pace(
        {channel: limits[sender] for channel, sender in senders.items() if sender in limits},
        {"sms": days[settings.sms.sender].parts // MOST_SEGMENTS} if days else {},
    )


def parts_of(delivery: Delivery, summary: PlanSummary) -> PartsOf:
    """For the text messages of a dry run: about the most children with the longest names of any district."""
    messages = {message for message, _ in summary.texts}
    parts: dict[tuple[str, str, str | None], int] = {}
    with transaction(delivery.engine, ENGINE) as connection:
        for district in occurrences.districts(connection) if messages else ():
            texts = delivery.texts(connection, district.id)
            bench = Bench(texts, worst_cases.extremes(connection, district.id), delivery.settings)
            for message in messages & texts.catalog.messages.keys():
                for case in worst_cases.cases(message, bench):
                    key = (message, case.language, case.fallback_from)
                    # What would travel in more parts is not sent at all.
                    parts[key] = max(parts.get(key, 1), min(case.parts, MOST_SEGMENTS))

    def found(message: str, wording: Wording) -> int:
        instead = base(wording.fallback_from) if wording.fallback_from else None
        plain = parts.get((message, wording.language, None), 1)
        return parts.get((message, wording.language, instead), plain)

    return found
