"""Addresses of the four faces."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from mingzhi.web import errors, uploads


def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers: the process answers. Says nothing else."""
    return HttpResponse("ok", content_type="text/plain")


healthz.login_required = False  # type: ignore[attr-defined]

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("language/", include("mingzhi.web.language_urls")),
    path("desk/", include("mingzhi.web.desk.urls")),
    path("uploads/", uploads.collection, name="uploads"),
    path("uploads/<str:token>", uploads.resource, name="upload"),
    path("field/", include("mingzhi.web.field.urls")),
    path("api/", include("mingzhi.web.api.urls")),
    path("", include("mingzhi.web.identity.urls")),
    path("", include("mingzhi.web.public.urls")),
]

if settings.OIDC_ON:
    urlpatterns.append(path("", include("mingzhi.web.identity.oidc_urls")))

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.missing
handler500 = errors.broken
