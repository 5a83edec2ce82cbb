"""Files handed over with a form: resumable uploads by token, or their bytes where there is no script."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from mingzhi.files import api as files
from mingzhi.files.data import FileRef
from mingzhi.kernel.errors import Invalid, MingzhiError

_MOST = 50


def files_of(
    request: HttpRequest, name: str, *, tokens: str = "upload", field: str | None = None
) -> list[FileRef]:
    """Stored files of the uploads whose tokens the form field ``tokens`` carries and of the file input
    ``name``, in that order, each once. An upload that cannot be had raises ``Invalid`` at ``field``
    (default ``name``), so that the rest of the form is kept; bytes raise what ``files.api.put`` raises.
    """
    found = []
    for token in filter(None, request.POST.getlist(tokens)[:_MOST]):
        try:
            found.append(files.upload_take(token, by=request.actor.label))  # type: ignore[attr-defined]
        except MingzhiError as wrong:
            raise Invalid(fields={field or name: [f"{wrong.sentence}。{wrong.remedy}"]}) from wrong
    for given in request.FILES.getlist(name)[:_MOST]:
        if isinstance(given, UploadedFile) and given.name:
            found.append(
                files.put(
                    given,
                    name=given.name,
                    media_type=given.content_type or "",
                    expected=given.size,
                    at=request.at,  # type: ignore[attr-defined]
                )
            )
    return list({ref.id: ref for ref in found}.values())
