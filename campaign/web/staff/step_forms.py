"""A step as its form shows it, and the form as a step of a campaign file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from campaign.definitions.definition import USUAL_PRIORITY, WAITS_FOR_A_PERSON, CampaignError
from campaign.definitions.follow_ups import Way

_ID = re.compile(r"[^a-z0-9]+")
_LISTS = ("categories", "subjects", "schools", "languages", "reachable_by", "not_reachable_by", "believes")
WAYS = {
    str(Way.OTHER): "The other channel, or another adult of the home",
    str(Way.LETTER): "A letter",
    str(Way.CALL): "A call by staff",
}
# What a new step begins with.
NEW = {
    "id": "",
    "anchor": "report_card",
    "offset": 0,
    "unit": "days",
    "send_on": "school_day",
    "at": "17:30",
    "expires_after_hours": 72,
    "priority": 50,
    "message": "",
    "channels": ["email", "sms"],
    "needs_report": False,
    "waits_for_preview": False,
}


def entry_of(form: MultiDict[str, str], step_id: str | None) -> dict[str, Any]:
    """The step that the form describes; `step_id` of one that is there, which keeps it. Raises CampaignError."""
    entry: dict[str, Any] = {"id": step_id or _ID.sub("_", form.get("name", "").lower()).strip("_")[:40]}
    kind, _, value = form.get("hangs_on", "").partition(":")
    if kind not in {"anchor", "event"}:
        raise CampaignError("Hangs on: choose a day or an event")
    entry[kind] = value
    if value == "absence":
        entry["at_least"] = _whole(form, "at_least", "Days missed")
    entry["offset"] = _whole(form, "offset", "Days") * (-1 if form.get("direction") == "before" else 1)
    entry |= {name: form.get(name, "") for name in ("unit", "send_on", "at", "message")}
    entry["expires_after_hours"] = _whole(form, "expires_after_hours", "Send by")
    entry["priority"] = _whole(form, "priority", "Priority")
    entry["channels"] = [one for one in form.get("channels", "").split(",") if one]
    entry |= {name: name in form for name in ("needs_report", "waits_for_preview")}
    if reason := " ".join(form.get("notice_reason", "").split()):
        entry |= {"notice": "legal", "notice_reason": reason}
    if "when_full" in form:
        entry["when_full"] = "digest"
    if follow_ups := _follow_ups(form):
        entry["follow_up"] = follow_ups
    if audience := _audience(form):
        entry["audience"] = audience
    return entry


def whole_of(form: MultiDict[str, str], document: Mapping[str, Any]) -> dict[str, Any]:
    """The campaign with what the form says of it as a whole; what is left as usual is not written down anew."""
    found = {**document, "title": " ".join(form.get("title", "").split())}
    said = {
        "priority": (_whole(form, "priority", "Priority", USUAL_PRIORITY), USUAL_PRIORITY),
        "ambiguous_email": (form.get("ambiguous_email", WAITS_FOR_A_PERSON), WAITS_FOR_A_PERSON),
    }
    return found | {key: value for key, (value, usual) in said.items() if key in document or value != usual}


def _follow_ups(form: MultiDict[str, str]) -> list[dict[str, Any]]:
    """The rungs that have a number of hours, in their order."""
    found = []
    for by, label in WAYS.items():
        if form.get(f"{by}_after", "").strip():
            after = _whole(form, f"{by}_after", f"{label}: after hours")
            expires = _whole(form, f"{by}_expires", f"{label}: send by")
            found.append({"by": by, "after_hours": after, "expires_after_hours": expires})
    return found


def _audience(form: MultiDict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {name: form.getlist(name) for name in _LISTS if form.getlist(name)}
    if form.get("lowest") or form.get("highest"):
        found["grade_levels"] = [
            _whole(form, "lowest", "From grade", -1),
            _whole(form, "highest", "To grade", 12),
        ]
    if "outdated" in form:
        found["outdated"] = True
    if form.get("opened") in {"yes", "no"}:
        found["opened"] = form["opened"] == "yes"
    return found


def _whole(form: Mapping[str, str], name: str, label: str, empty: int | None = None) -> int:
    said = form.get(name, "").strip()
    if not said and empty is not None:
        return empty
    try:
        return int(said)
    except ValueError:
        raise CampaignError(f"{label}: write a whole number") from None
