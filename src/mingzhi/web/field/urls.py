"""Addresses of the field face: an officer's phone on site."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from mingzhi.web.field import conflicts, views

app_name = "field"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.shell, name="home"),
    path("sw.js", views.worker, name="worker"),
    path("now", views.now, name="now"),
    path("enrol", views.enrol, name="enrol"),
    path("data", views.data, name="data"),
    path("key", views.key, name="key"),
    path("card", views.card, name="card"),
    path("numbers", views.reserve, name="numbers"),
    path("numbers/return", views.hand_back, name="numbers_return"),
    path("relogin", views.relogin, name="relogin"),
    path("leave", views.leave, name="leave"),
    path("items", views.receive, name="items"),
    path("items/<str:key>", views.state, name="item"),
    path("conflicts/", conflicts.listing, name="conflicts"),
    path("conflicts/<int:pk>/", conflicts.page, name="conflict"),
    path("conflicts/<int:pk>/resubmit", conflicts.resubmit, name="resubmit"),
    path("conflicts/<int:pk>/withdraw", conflicts.withdraw, name="withdraw"),
]
