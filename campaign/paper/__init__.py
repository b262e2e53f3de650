"""Print runs: which letters they hold, their files, their links, and the list of their envelopes."""
