"""Templates: django-cotton components and template partials, loaders set by hand.

Both libraries rewrite the loaders when installed under their plain names; installed by their
simple configurations, the order below is theirs to share.
"""

from pathlib import Path

from config import env

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "mingzhi.web.context.common",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "mingzhi.web.templatetags.mingzhi",
            ],
        },
    }
]

STATIC_URL = "/static/"
STATIC_ROOT = env.shared() / "static"
_vendor = env.shared() / "vendor"
STATICFILES_DIRS: list[tuple[str, Path]] = [("vendor", _vendor)] if _vendor.is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
