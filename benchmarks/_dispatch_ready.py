"""All that a worker reads but once, read already: for a server whose forks are to begin at once."""

from benchmarks import _dispatch_worker  # noqa: F401
from campaign.background import keep_what_is_loaded
from content import catalog

catalog.load()
keep_what_is_loaded()
