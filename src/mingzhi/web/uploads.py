"""Resumable uploads by the tus protocol 1.0.0 (https://tus.io/protocols/resumable-upload).

Core, creation, creation-with-upload, expiration, checksum, termination and concatenation. One log-in
for desk and field; whoever is not logged in gets 401 as JSON. An upload is private to its maker, for
everybody else it does not exist. What a form then carries is the field ``upload`` with the token.
"""

from __future__ import annotations

import base64
import binascii
import functools
import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve, reverse
from django.utils.http import http_date

from mingzhi.files import api as files
from mingzhi.files.data import UploadView
from mingzhi.kernel.errors import MingzhiError
from mingzhi.web import errors

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination,concatenation"
BODY_TYPE = "application/offset+octet-stream"
_NUMBER = re.compile(r"[0-9]{1,18}")
_PAIR = re.compile(r"([!-+\--~]+)(?: ([A-Za-z0-9+/]*={0,2}))?")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_METADATA_LENGTH = 6000

View = Callable[..., HttpResponse]


class BadRequest(MingzhiError):
    code = "upload.request"
    sentence = "上传请求不符合 tus 协议：{what}"
    remedy = "请使用支持 tus 1.0.0 的上传组件"


def tus(*methods: str) -> Callable[[View], View]:
    """What every tus address shares: the method (also by override), the version, refusals as JSON."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            method = request.headers.get("X-HTTP-Method-Override", request.method or "").upper()
            try:
                if method not in methods:
                    raise BadRequest(what=f"此地址不支持 {method[:10]}", status=405)
                if method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
                    raise BadRequest(what=f"协议版本应为 {VERSION}", status=412)
                response = view(request, method, *args, **kwargs)
            except MingzhiError as error:
                response = errors.told(request, error)
                if error.status == 412:
                    response["Tus-Version"] = VERSION
                if error.status == 405:
                    response["Allow"] = ", ".join(methods)
            response["Tus-Resumable"] = VERSION
            response["Cache-Control"] = "no-store"
            return response

        return answer

    return decorate


@tus("OPTIONS", "POST")
def collection(request: HttpRequest, method: str) -> HttpResponse:
    """``OPTIONS`` tells what is possible; ``POST`` makes an upload, whole, partial or concatenated."""
    if method == "OPTIONS":
        return HttpResponse(
            status=204,
            headers={
                "Tus-Version": VERSION,
                "Tus-Extension": EXTENSIONS,
                "Tus-Max-Size": str(settings.UPLOAD_MAX_BYTES),
                "Tus-Checksum-Algorithm": ",".join(files.CHECKSUMS),
            },
        )
    raw = request.headers.get("Upload-Metadata", "")
    given = _metadata(raw)
    sha256 = given.get("sha256", "")
    if sha256 and not _SHA256.fullmatch(sha256):
        raise BadRequest(what="sha256 应为 64 位十六进制")
    about: dict[str, Any] = {
        "name": given.get("filename", given.get("name", "")),
        "media_type": given.get("filetype", given.get("type", "")),
        "sha256": sha256,
        "metadata": raw,
        "by": request.actor.label,  # type: ignore[attr-defined]
        "group": f"body:{request.actor.body_id}",  # type: ignore[attr-defined]
        "at": request.at,  # type: ignore[attr-defined]
    }
    concat = request.headers.get("Upload-Concat", "")
    if concat.startswith("final;"):
        upload = files.upload_concat(_tokens(concat), concat=concat, **about)
    elif concat not in {"", "partial"}:
        raise BadRequest(what="Upload-Concat 应为 partial 或者 final;各段地址")
    else:
        length = _number(request, "Upload-Length")
        upload = files.upload_create(length=length, partial=concat == "partial", **about)
        if request.content_type == BODY_TYPE and _count(request):
            upload = _append(request, upload.token, 0)
    response = HttpResponse(status=201, headers={"Location": reverse("upload", args=[upload.token])})
    return _described(response, upload)


@tus("HEAD", "PATCH", "DELETE")
def resource(request: HttpRequest, method: str, token: str) -> HttpResponse:
    """``HEAD``: how far; ``PATCH``: go on; ``DELETE``: give up."""
    by, at = request.actor.label, request.at  # type: ignore[attr-defined]
    if method == "DELETE":
        files.upload_end(token, by=by, at=at)
        return HttpResponse(status=204)
    if method == "HEAD":
        upload = files.upload_find(token, by=by, at=at)
        response = HttpResponse(status=200)
        response["Upload-Length"] = str(upload.length)
        for header, value in (("Upload-Metadata", upload.metadata), ("Upload-Concat", upload.concat)):
            if value:
                response[header] = value
        return _described(response, upload)
    if request.content_type != BODY_TYPE:
        raise BadRequest(what=f"PATCH 的 Content-Type 应为 {BODY_TYPE}", status=415)
    return _described(HttpResponse(status=204), _append(request, token, _number(request, "Upload-Offset")))


def _append(request: HttpRequest, token: str, offset: int) -> UploadView:
    return files.upload_append(
        token,
        request,
        offset=offset,
        count=_count(request),
        checksum=_checksum(request),
        by=request.actor.label,  # type: ignore[attr-defined]
        at=request.at,  # type: ignore[attr-defined]
    )


def _described(response: HttpResponse, upload: UploadView) -> HttpResponse:
    if upload.whole or not upload.concat.startswith("final"):
        response["Upload-Offset"] = str(upload.offset)
    response["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    return response


def _number(request: HttpRequest, header: str) -> int:
    text = request.headers.get(header, "")
    if not _NUMBER.fullmatch(text):
        raise BadRequest(what=f"{header} 应为非负整数")
    return int(text)


def _count(request: HttpRequest) -> int:
    """How many bytes the request brings; without that the limits could not be kept beforehand."""
    if "CONTENT_LENGTH" not in request.META and "HTTP_TRANSFER_ENCODING" in request.META:
        raise BadRequest(what="请求应带 Content-Length", status=411)
    text = request.META.get("CONTENT_LENGTH") or "0"
    if not _NUMBER.fullmatch(text):
        raise BadRequest(what="Content-Length 应为非负整数")
    return int(text)


def _checksum(request: HttpRequest) -> files.Checksum | None:
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return None
    algorithm, _, encoded = header.partition(" ")
    if algorithm not in files.CHECKSUMS:
        raise BadRequest(what=f"Upload-Checksum 只支持 {'、'.join(files.CHECKSUMS)}")
    try:
        return files.Checksum(algorithm, base64.b64decode(encoded, validate=True))
    except binascii.Error:
        raise BadRequest(what="Upload-Checksum 不是 Base64") from None


def _metadata(header: str) -> dict[str, str]:
    if len(header) > _METADATA_LENGTH:
        raise BadRequest(what="Upload-Metadata 过长")
    found: dict[str, str] = {}
    for pair in header.split(",") if header.strip() else ():
        match = _PAIR.fullmatch(pair.strip())
        if match is None or match[1] in found:
            raise BadRequest(what="Upload-Metadata 的格式有误")
        try:
            found[match[1]] = base64.b64decode(match[2] or "", validate=True).decode("utf-8", "replace")
        except binascii.Error:
            raise BadRequest(what="Upload-Metadata 的值不是 Base64") from None
    return found


def _tokens(concat: str) -> list[str]:
    """Tokens of ``final;/uploads/a /uploads/b``; addresses may be absolute."""
    tokens = []
    for address in concat.removeprefix("final;").split():
        try:
            match = resolve(re.sub(r"^https?://[^/]+", "", address))
        except Resolver404:
            raise BadRequest(what="Upload-Concat 的各段地址有误") from None
        if match.url_name != "upload":
            raise BadRequest(what="Upload-Concat 的各段地址有误")
        tokens.append(match.kwargs["token"])
    if not 1 <= len(tokens) <= 1000:
        raise BadRequest(what="Upload-Concat 应列出各段地址")
    return tokens
