"""Settings of a server process that a test starts: as in tests, with connections that are kept as in use."""

from config.settings.test import *  # noqa: F403

for _database in DATABASES.values():  # noqa: F405
    _database |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
