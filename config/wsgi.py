"""The door for the WSGI server."""

import os

from django.core.wsgi import get_wsgi_application
from django.db import connection

from config import env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

application = get_wsgi_application()
if connection.vendor == "postgresql":
    from config.postgresql.base import Connection

    Connection.patience = env.integer("MINGZHI_DATABASE_SECONDS")
