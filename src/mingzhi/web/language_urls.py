"""The language switch: Django's own view, outside every face."""

from django.urls import path
from django.views.i18n import set_language

urlpatterns = [path("set/", set_language, name="set_language")]
