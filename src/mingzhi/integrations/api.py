"""The integrations room's door. It only offers adapters to ``publication.channels``; nobody calls it."""

__all__: list[str] = []
