"""The public face alone, as an installation without desk would serve it."""

from django.urls import include, path

from mingzhi.web import errors

urlpatterns = [
    path("language/", include("mingzhi.web.language_urls")),
    path("", include("mingzhi.web.public.urls")),
]
handler400, handler403, handler404, handler500 = (
    errors.bad_request,
    errors.forbidden,
    errors.missing,
    errors.broken,
)
