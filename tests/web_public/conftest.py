from pathlib import Path
from typing import Any

import pytest

from tests.publication.conftest import bureau, sequenced, snapshot

__all__ = ["bureau", "sequenced", "snapshot"]


@pytest.fixture(autouse=True)
def collected_folder(settings: Any) -> None:
    """WhiteNoise looks for the folder of collected files when a client starts."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
