"""Keys, hosts, headers."""

import secrets
from pathlib import Path

from csp.constants import NONE, SELF

from config import env


def _kept_secret(variable: str, path: Path, fresh: str) -> str:
    """The secret from the environment, else from its file (made once, readable by the owner only)."""
    given = env.text(variable)
    if given:
        return given
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="ascii") as file:
                path.chmod(0o600)
                file.write(fresh)
        except FileExistsError:
            return path.read_text("ascii").strip()
        return fresh


SECRET_KEY = _kept_secret("MINGZHI_SECRET_KEY", env.data() / "secret.key", secrets.token_urlsafe(48))
DATA_KEY = _kept_secret("MINGZHI_DATA_KEY", env.data() / "data.key", secrets.token_hex(32))
ALLOWED_HOSTS = env.words("MINGZHI_ALLOWED_HOSTS")
TRUSTED_PROXIES = env.networks("MINGZHI_TRUSTED_PROXIES")
PUBLIC_URL = env.text("MINGZHI_PUBLIC_URL").rstrip("/")

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
CSRF_FAILURE_VIEW = "mingzhi.web.errors.csrf_failed"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "style-src": [SELF],
        "script-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
        "frame-src": [SELF, "blob:"],
    }
}

if env.flag("MINGZHI_HTTPS"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
