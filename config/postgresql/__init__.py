"""Django's PostgreSQL backend, for askers who do not wait for ever (``base``)."""
