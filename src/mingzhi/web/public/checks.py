"""Things anyone may check: an officer's card, a paper's code, a receipt."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from mingzhi.kernel.errors import MingzhiError, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.ledger.verify import BUNDLE_MAX, Unproven, verify_bundle, verify_receipt
from mingzhi.organisations import api as organisations
from mingzhi.web.public.common import clean, given, throttle, today


@never_cache
@require_safe
def officers(request: HttpRequest) -> HttpResponse:
    """执法人员查验 by the whole certificate number; whoever tries numbers is stopped."""
    number = given(request, "number", 60)
    context: dict[str, Any] = {"number": number}
    status = 200
    if number:
        try:
            throttle(request, "officers", limit=20, minutes=10)
            context["person"] = organisations.person_by_certificate(number, today(request))
            context["asked"] = True
        except MingzhiError as error:
            context["problem"], status = error, error.status
    return render(request, "public/officers.html", context, status=status)


@never_cache
@require_safe
def officer_code(request: HttpRequest, code: str) -> HttpResponse:
    """The changing code on an officer's phone: who it is, and whether the certificate is valid now. A code
    photographed and shown later fails, as do those of ended keys and of certificates not valid today."""
    context: dict[str, Any] = {"number": "", "live": True}
    status = 200
    try:
        throttle(request, "officers", limit=20, minutes=10)
        found = organisations.card_keys.card_check(clean(code, 80), at=request.at)  # type: ignore[attr-defined]
        context |= {"check": found, "person": found.person, "asked_at": request.at}  # type: ignore[attr-defined]
    except MingzhiError as error:
        context["problem"], status = error, error.status
    return render(request, "public/officers.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """核验凭证: by the code on a paper, by a receipt file on this server, or in the browser alone."""
    context: dict[str, Any] = {"keys": ledger.verifier_keys()}
    if request.method != "POST":
        return render(request, "public/verify.html", context)
    code = given(request, "code", 60)
    if code:
        return verify_code(request, code)
    status = 200
    try:
        context["proven"], context["payload"] = _receipt(request)
    except MingzhiError as error:
        context["problem"], status = error, error.status
    return render(request, "public/verify.html", context, status=status)


def _receipt(request: HttpRequest) -> tuple[Any, list[tuple[str, Any]]]:
    upload = request.FILES.get("receipt")
    if upload is None or not upload.size:
        raise Unproven(
            _("请选择凭证文件（扩展名 .tlog-proof，较早的为 .mingzhi-receipt）"), code="verify.none"
        )
    if upload.size > BUNDLE_MAX:
        raise Unproven(_("文件过大，不是凭证文件"), code="verify.format")
    try:
        text = upload.read().decode("utf-8")
    except UnicodeDecodeError:
        raise Unproven(_("不是文本文件，不是凭证"), code="verify.format") from None
    keys = ledger.verifier_keys()
    if not keys:
        raise Unproven(_("本系统的账本尚未启用，无法核验"), code="verify.key")
    proven = verify_bundle(text, keys) if text.lstrip().startswith("{") else verify_receipt(text, vkey=keys)
    return proven, [
        (str(_LABELS[k]), v)
        for k, v in (proven.payload or {}).items()
        if k in _LABELS and v not in (None, "")
    ]


_LABELS = {
    "number": gettext_lazy("文号"),
    "kind": gettext_lazy("事项"),
    "reason": gettext_lazy("理由"),
    "basis": gettext_lazy("依据"),
    "version": gettext_lazy("版次"),
    "public_sha256": gettext_lazy("公示内容摘要（SHA-256）"),
    "sha256": gettext_lazy("文件摘要（SHA-256）"),
    "title": gettext_lazy("标题"),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """What the record says about the paper that carries ``code``. The code is long enough not to be guessed;
    trying is limited all the same."""
    code = clean(code, 60)
    context: dict[str, Any] = {"keys": ledger.verifier_keys(), "code": code}
    status = 200
    try:
        throttle(request, "verify", limit=60, minutes=10)
        proof = ledger.public_proof(code)
        if proof is None:
            raise NotFound(
                _("没有找到此编码对应的文书"),
                remedy=_("请逐位核对文书下方二维码旁的编码；仍查不到的，请致电公示的监督电话核实文书真伪"),
            )
        context["proof"] = proof
    except MingzhiError as error:
        context["problem"], status = error, error.status
    return render(request, "public/verify.html", context, status=status)


@never_cache
@require_safe
def verify_receipt_file(request: HttpRequest, code: str) -> HttpResponse:
    """The paper's receipt to take home: with it and the paper, ``mingzhi verify`` and the browser check
    need nothing from this server. It holds what the paper says of itself, and no party's data."""
    throttle(request, "verify", limit=60, minutes=10)
    proof = ledger.public_proof(clean(code, 60))
    if proof is None or proof.bundle is None:
        raise NotFound(_("存证凭证尚未生成，或者没有此编码对应的文书"), remedy=_("请核对编码，或者稍后再试"))
    answer = HttpResponse(proof.bundle, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{proof.code}.tlog-proof"'
    return answer
