"""Where files, keys and fonts live."""

from datetime import timedelta

from config import env

VAR = env.data()
PROFILE = env.profile()
FILES_ROOT = VAR / "files"
LEDGER_ROOT = VAR / "ledger"
LEDGER_ENTRIES = env.flag("MINGZHI_LEDGER_ENTRIES")
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
UPLOAD_MAX_BYTES = env.integer("MINGZHI_UPLOAD_MAX_MB") * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 0
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
