"""`python -m content.release`: record the texts that are new since the last release."""

from __future__ import annotations

from content import released
from content.catalog import SHIPPED, load


def main() -> None:
    catalog = load()
    releases = catalog.releases
    for unit, version in catalog.versions().items():
        releases = released.added(releases, unit, version, catalog.hashes(unit))
    released.write(SHIPPED, releases)


if __name__ == "__main__":
    main()
