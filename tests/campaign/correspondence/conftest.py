"""The small district, with Tess Turner of Ana and Ben as the account teacher@example.org (id 4)."""

import pytest
from sqlalchemy import Engine


@pytest.fixture
def template(small_district_template: str) -> str:
    """Each test begins with the small district."""
    return small_district_template


@pytest.fixture
def district(engine: Engine) -> Engine:
    return engine
