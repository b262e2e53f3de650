"""The worker of `gbg worker`, on the place of a benchmark: the same loop, with minutes that pass as seconds.

Run as `python -m tests.journeys.working PLACE`, PLACE being a `Place` as JSON.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

from benchmarks._dispatch_worker import Place, delivery_of
from campaign import background
from campaign.database import connect
from campaign.jobs import Work

if __name__ == "__main__":
    place = Place(**json.loads(sys.argv[1]))
    work = Work(delivery_of(place, connect(place.database_url)), place.now)
    background.work_until_stopped(work, datetime.now(UTC), every=1, at_once=2)
