"""Where the sign-on sends people back to (``/oidc/bureau/login/callback/``). Only when OIDC is on."""

from __future__ import annotations

from allauth.socialaccount.providers.openid_connect.urls import urlpatterns

__all__ = ["urlpatterns"]
