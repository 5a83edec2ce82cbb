"""Logging: plain lines to standard error; never a party's name, never a stack trace to a reader."""

import logging

from config import env


class OneLine(logging.Formatter):
    """An event is a line: what an address or an answer brings along (a line end, a colour code) is written as what
    it is, so nobody outside writes lines of ours. A stack trace follows on lines of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 — the base class's name
        told = super().formatMessage(record)
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in told)


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": OneLine, "format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("MINGZHI_LOG_LEVEL")},
    "loggers": {
        "axes": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "pyhanko": {"level": "WARNING"},
    },
}
