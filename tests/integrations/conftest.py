from tests.publication.conftest import bureau, sequenced, snapshot

__all__ = ["bureau", "sequenced", "snapshot"]
