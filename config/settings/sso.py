"""The bureau's own sign-on (OIDC): present only when MINGZHI_OIDC_ISSUER is set and the `sso` extra is
installed; otherwise not one line of it is loaded. After switching it on: `mingzhi migrate`."""

from importlib.util import find_spec

from config.settings.apps import INSTALLED_APPS, MIDDLEWARE
from config.settings.identity import OIDC

OIDC_ON = bool(OIDC["issuer"]) and find_spec("allauth") is not None

if OIDC_ON:
    INSTALLED_APPS += [
        "allauth",
        "allauth.account",
        "allauth.socialaccount",
        "allauth.socialaccount.providers.openid_connect",
    ]
    MIDDLEWARE += ["allauth.account.middleware.AccountMiddleware"]
    ACCOUNT_USER_MODEL_EMAIL_FIELD = None
    ACCOUNT_EMAIL_VERIFICATION = "none"
    ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
    ACCOUNT_LOGIN_METHODS = {"username"}
    SOCIALACCOUNT_ADAPTER = "mingzhi.web.identity.sso.BureauSignOn"
    SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = "oidc"
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "bureau",
                    "name": "统一身份认证",
                    "client_id": OIDC["client_id"],
                    "secret": OIDC["client_secret"],
                    "settings": {"server_url": OIDC["issuer"]},
                }
            ],
        }
    }
