"""Tests: quick hashes, data in a temporary folder, the database named by MINGZHI_TEST_DATABASE_URL."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("MINGZHI_VAR", tempfile.mkdtemp(prefix="mingzhi-test-"))

from config import env  # noqa: E402
from config.settings.base import *  # noqa: E402

_url = os.environ.get("MINGZHI_TEST_DATABASE_URL", "")
if _url:
    _main = env.database(_url)
    DATABASES = {"default": _main, "attempts": {**_main}}
else:
    for _alias in DATABASES.values():
        _alias["TEST"] = {"NAME": None}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Tests share the machine's fonts and browser libraries with `./run` instead of fetching them again.
_shared = Path(os.environ.get("MINGZHI_SHARED_VAR", env.ROOT / "var"))
FONTS_ROOT = _shared / "fonts"
STATICFILES_DIRS = [("vendor", _shared / "vendor")] if (_shared / "vendor").is_dir() else []
ALLOWED_HOSTS = ["*"]
LOGGING["root"]["level"] = "ERROR"
