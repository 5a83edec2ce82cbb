"""A stored file as an answer: whole or by range (RFC 9110 §13, §14), harmless whatever it holds.

Who may have it, and the note that they had it, are the caller's matter. The bytes are sent by this
process, or by nginx where ``MINGZHI_ACCEL_LOCATION`` names its internal location over the files' folder
(files stored in a bucket always pass through here).
"""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from mingzhi.files import api as files
from mingzhi.files.data import FileRef
from mingzhi.kernel.errors import MingzhiError

_HARMLESS = "default-src 'none'; sandbox"


def file_response(
    request: HttpRequest, file: FileRef, *, name: str = "", download: bool = False
) -> HttpResponseBase:
    """``file`` for the asker: 200, 206, 304 or 416. Shown in place only when it cannot carry script and
    ``download`` was not asked for; anything else is an attachment of no particular type.

    ``name`` is the name offered for saving (default: the file's own). Raises ``FileDamaged``, ``FileErased``.
    """
    etag = f'"{file.sha256}"'
    inline = file.inline and not download
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Content-Type": file.media_type if inline else "application/octet-stream",
        "Content-Disposition": f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(name or file.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if not inline:
        headers["Content-Security-Policy"] = _HARMLESS
    if etag in _tags(request.headers.get("If-None-Match", "")):
        return HttpResponse(status=304, headers={"ETag": etag})
    where = files.accel_path(file)
    if where is not None:
        return HttpResponse(
            headers={**headers, "X-Accel-Redirect": settings.FILES_ACCEL.rstrip("/") + quote(where)}
        )
    try:
        wanted = _range(request, file, etag)
    except MingzhiError as error:
        return HttpResponse(
            status=error.status, headers={"Content-Range": f"bytes */{file.size}", "ETag": etag}
        )
    start, end = wanted or (0, file.size - 1)
    headers["Content-Length"] = str(end - start + 1)
    if wanted is not None:
        headers["Content-Range"] = f"bytes {start}-{end}/{file.size}"
    status = 200 if wanted is None else 206
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    return StreamingHttpResponse(files.open_range_of(file, start, end), status=status, headers=headers)


def _range(request: HttpRequest, file: FileRef, etag: str) -> tuple[int, int] | None:
    """The range asked for, unless ``If-Range`` names another content: then everything is sent."""
    condition = request.headers.get("If-Range", etag).strip()
    if condition != etag:
        return None
    return files.parse_range(request.headers.get("Range", ""), file.size)


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
