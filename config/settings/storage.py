"""Where files, keys and fonts live."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from config import env

VAR = env.data()
PROFILE = env.profile()
FILES_ROOT = VAR / "files"
LEDGER_ROOT = VAR / "ledger"
LEDGER_ENTRIES = env.flag("MINGZHI_LEDGER_ENTRIES")
#: A time-stamp authority (RFC 3161) for checkpoints; without an address none is asked.
TSA: dict[str, Any] = {
    "url": env.text("MINGZHI_TSA_URL"),
    "policy": env.text("MINGZHI_TSA_POLICY"),
    "roots": env.text("MINGZHI_TSA_ROOTS"),
    "minutes": env.integer("MINGZHI_TSA_MINUTES"),
}
KEYS_ROOT = VAR / "keys"
FONTS_ROOT = env.shared() / "fonts"
#: Unfinished uploads, and finished ones that no form has taken, are dropped after this.
UPLOAD_KEPT = timedelta(days=env.integer("MINGZHI_UPLOAD_DAYS"))
#: How much one person may have on the way or waiting to be taken; how much a body may have stored (0: any).
UPLOAD_PERSON_BYTES = env.integer("MINGZHI_UPLOAD_PERSON_GB") * 1024**3
UPLOAD_BODY_BYTES = env.integer("MINGZHI_UPLOAD_BODY_GB") * 1024**3
#: Left free for the database and everything else on the same disk.
UPLOAD_SPARE_BYTES = env.integer("MINGZHI_UPLOAD_SPARE_MB") * 1024 * 1024
BACKUP_TO = env.text("MINGZHI_BACKUP_TO")
#: Static copies of what is public, one folder below it for each body.
PACKS_ROOT = Path(env.text("MINGZHI_PACKS") or VAR / "packs")
UPLOAD_MAX_BYTES = env.integer("MINGZHI_UPLOAD_MAX_MB") * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 0
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

#: The bucket that holds whole files; without a name they lie below FILES_ROOT.
FILES_S3: dict[str, Any] = {
    "bucket": env.text("MINGZHI_S3_BUCKET"),
    "endpoint": env.text("MINGZHI_S3_ENDPOINT"),
    "region": env.text("MINGZHI_S3_REGION"),
    "access_key": env.text("MINGZHI_S3_ACCESS_KEY"),
    "secret_key": env.text("MINGZHI_S3_SECRET_KEY"),
    "prefix": env.text("MINGZHI_S3_PREFIX"),
    "lock_days": env.integer("MINGZHI_S3_LOCK_DAYS"),
}
#: nginx's internal location over FILES_ROOT; it then sends the bytes (docs: src/mingzhi/files/README.md).
FILES_ACCEL = env.text("MINGZHI_ACCEL_LOCATION")
