"""Who may come in: accounts, passwords, lock-out, sessions, second factor, single sign-on."""

from datetime import timedelta

from config import env

AUTH_USER_MODEL = "organisations.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "mingzhi.organisations.authentication.AccountBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/desk/"

AXES_FAILURE_LIMIT = env.integer("MINGZHI_LOGIN_FAILURES")
AXES_COOLOFF_TIME = timedelta(minutes=env.integer("MINGZHI_LOCK_MINUTES"))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "mingzhi.organisations.authentication.locked_out"
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "mingzhi.organisations.authentication.client_address"
OTP_TOTP_ISSUER = "明执"

SESSION_COOKIE_AGE = env.integer("MINGZHI_IDLE_MINUTES") * 60
SESSION_SAVE_EVERY_REQUEST = False  # web.middleware refreshes it once a minute, not on every look
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False
CSRF_COOKIE_SAMESITE = "Lax"

OIDC = {
    "issuer": env.text("MINGZHI_OIDC_ISSUER"),
    "client_id": env.text("MINGZHI_OIDC_CLIENT_ID"),
    "client_secret": env.text("MINGZHI_OIDC_CLIENT_SECRET"),
}
