"""Settings and addresses of the playback measurement: the product's own, and one more address that hands
out a stored file to whoever is logged in, through the whole stack."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path

from config.settings.dev import *  # noqa: F403

ROOT_URLCONF = "bench.playback"


def play(request: HttpRequest, file_id: int) -> HttpResponseBase:
    from mingzhi.files import api as files
    from mingzhi.web.serving import file_response

    return file_response(request, files.ref(file_id))


urlpatterns = [path("play/<int:file_id>", play)]


def __getattr__(name: str) -> object:
    # The handlers are the product's; they may only be looked up once the rooms are loaded.
    if name.startswith("handler"):
        from config import urls

        return getattr(urls, name)
    raise AttributeError(name)
