"""The product's addresses, and one that hands out a stored file to whoever is logged in, through the
whole stack: what a player waits for, without the pages of a case around it."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path

from config import urls
from config.urls import handler400, handler403, handler404, handler500  # noqa: F401 — Django looks here
from mingzhi.files import api as files
from mingzhi.web.serving import file_response


def play(request: HttpRequest, file_id: int) -> HttpResponseBase:
    return file_response(request, files.ref(file_id))


urlpatterns = [path("play/<int:file_id>", play), *urls.urlpatterns]
