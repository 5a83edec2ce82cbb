"""Addresses of log-in, log-out, second factor, the account's own pages, and the administrators' pages."""

from __future__ import annotations

from django.conf import settings
from django.urls import path

from mingzhi.web.identity import admin, views

app_name = "identity"

urlpatterns = [
    path("login/", views.log_in, name="login"),
    path("login/code/", views.challenge, name="challenge"),
    path("logout/", views.log_out, name="logout"),
    path("account/", views.me, name="me"),
    path("account/password/", views.password, name="password"),
    path("account/code/", views.enrol, name="enrol"),
    path("desk/accounts/", admin.accounts, name="accounts"),
    path("desk/accounts/new/", admin.account_new, name="account_new"),
    path("desk/accounts/<int:account_id>/", admin.account, name="account"),
    path("desk/accounts/<int:account_id>/<slug:act>/", admin.account_act, name="account_act"),
    path("desk/attempts/", admin.attempts, name="attempts"),
]

if settings.OIDC_ON:
    urlpatterns.append(path("oidc/start/", views.oidc_start, name="oidc_start"))
