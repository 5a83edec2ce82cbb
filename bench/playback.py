"""Settings of the playback measurement: the product's own, with one more address (``playback_urls``)."""

from config.settings.dev import *  # noqa: F403

ROOT_URLCONF = "bench.playback_urls"
