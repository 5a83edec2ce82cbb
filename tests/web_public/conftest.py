from pathlib import Path

import pytest
from django.conf import settings

from tests.publication.conftest import bureau, sequenced, snapshot

__all__ = ["bureau", "sequenced", "snapshot"]


@pytest.fixture(scope="session", autouse=True)
def collected_folder() -> None:
    """WhiteNoise looks for the folder of collected files when a client or a server starts."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
