"""Where files, keys and fonts live."""

from config import env

VAR = env.data()
PROFILE = env.profile()
FILES_ROOT = VAR / "files"
LEDGER_ROOT = VAR / "ledger"
KEYS_ROOT = VAR / "keys"
FONTS_ROOT = env.shared() / "fonts"
UPLOAD_MAX_BYTES = env.integer("MINGZHI_UPLOAD_MAX_MB") * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 0
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
