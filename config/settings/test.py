"""Tests: quick hashes, data in a temporary folder, the database named by MINGZHI_TEST_DATABASE_URL."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "MINGZHI_VAR" not in os.environ:
    _own = tempfile.mkdtemp(prefix="mingzhi-test-")
    os.environ["MINGZHI_VAR"] = _own
    atexit.register(shutil.rmtree, _own, ignore_errors=True)

from config import env
from config.settings.base import *

_url = os.environ.get("MINGZHI_TEST_DATABASE_URL", "")
if _url:
    _main = env.database(_url)
    DATABASES.clear()
    DATABASES.update({"default": _main, "attempts": {**_main}})
else:
    # In memory; in files where a server's threads and the test work side by side, as in an installation:
    # connections to one database in memory do not wait for each other's locks.
    _files = Path(os.environ["MINGZHI_VAR"]) if os.environ.get("MINGZHI_TEST_FILES") else None
    for _name, _alias in DATABASES.items():
        _alias["TEST"] = {"NAME": _files and str(_files / f"test-{_name}.sqlite3")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Tests share the machine's fonts and browser libraries with `./run` instead of fetching them again.
_shared = Path(os.environ.get("MINGZHI_SHARED_VAR") or env.ROOT / "var")
FONTS_ROOT = _shared / "fonts"
STATICFILES_DIRS = [("vendor", _shared / "vendor")] if (_shared / "vendor").is_dir() else []
ALLOWED_HOSTS = ["*"]
LOGGING["root"] = {"handlers": ["stderr"], "level": "ERROR"}
# The server of static files warns about a folder that is not there, and warnings are errors.
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)
