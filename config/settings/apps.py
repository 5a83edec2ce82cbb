"""Installed rooms and libraries, middleware, addresses."""

ROOMS = [
    "kernel",
    "ledger",
    "files",
    "outbox",
    "search",
    "backup",
    "organisations",
    "deadlines",
    "catalogue",
    "dossiers",
    "tasks",
    "documents",
    "recording",
    "review",
    "deliberations",
    "publication",
    "procedures",
    "cases",
    "double_random",
    "supervision",
    "integrations",
    "web",
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "django_cotton.apps.SimpleAppConfig",
    "csp",
    "ninja",
    *(f"mingzhi.{room}" for room in ROOMS),
]

MIDDLEWARE = [
    "mingzhi.web.middleware.WhoReallyCalls",
    "django.middleware.security.SecurityMiddleware",
    "mingzhi.web.kept.KeptPages",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "mingzhi.web.middleware.Sessions",
    "mingzhi.web.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "mingzhi.web.middleware.TellUploadsWhereToGo",
    "mingzhi.web.middleware.AskTheClockOnce",
    "mingzhi.web.middleware.CloseTheDoor",
    "mingzhi.web.identity.middleware.FinishLogIn",
    "mingzhi.web.middleware.ErrorsInPlainWords",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
