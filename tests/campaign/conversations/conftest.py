"""The small district, with Tess Turner of Ana and Ben as the account teacher@example.org (id 4)."""

import pytest
from sqlalchemy import Engine

from tests.web_pages import small_district


@pytest.fixture
def district(engine: Engine) -> Engine:
    small_district(engine)
    return engine
