"""Writes of the documents room: templates, papers, voids, signatures."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Q

from mingzhi.documents import choices, events, glass, numbering
from mingzhi.documents.data import PaperView, Reserved, Signed, TemplateView
from mingzhi.documents.errors import PaperFixed, PaperIncomplete, TemplateMissing, TemplateUnsound
from mingzhi.documents.lint import lint_data, lint_template
from mingzhi.documents.markup import Parsed, parse
from mingzhi.documents.models import (
    DocumentNumber,
    NumberBlock,
    NumberStyle,
    NumberVoid,
    Paper,
    PaperSignature,
    PaperVoid,
    Service,
    Template,
)
from mingzhi.dossiers import api as dossiers
from mingzhi.files import api as files
from mingzhi.kernel import canonical, clock, numbers
from mingzhi.kernel.errors import Invalid, NotFound, Problems
from mingzhi.kernel.prepared import Given, Read, insert
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.organisations.permissions import Permission
from mingzhi.outbox import api as outbox

SHIPPED = Path(__file__).parent / "templates_shipped"
RENDER = "documents.render"


# --- templates -------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def parsed_text(digest: str, text: str) -> Parsed:
    """The template taken apart; kept by its digest, since a published text never changes."""
    return parse(text)


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def load_templates(*, by: Actor, at: datetime) -> int:
    """Publish the shipped templates for everybody; those already in force unchanged are left alone.

    Returns how many were published. A bureau's own published version keeps precedence over these.
    """
    done = 0
    for path in sorted(SHIPPED.glob("*.txt")):
        text = path.read_text("utf-8")
        in_force = Template.objects.filter(body=None, code=path.stem, state="published").first()
        if in_force and in_force.text_digest == digest_of(text):
            continue
        draft = _draft(text=text, body_id=None, by=by, at=at)
        if draft.code != path.stem:
            raise TemplateUnsound(title=path.stem, remedy="文件名应与模板代码一致")
        _publish(draft, by=by, at=at)
        done += 1
    return done


@transaction.atomic
def template_draft(*, text: str, body_id: int, by: Actor, at: datetime) -> TemplateView:
    """Save a bureau's own version as a draft (a draft may be incomplete; publishing checks it all).

    The bureau's earlier draft of the same paper is replaced; published versions are never touched.
    """
    organisations.require(by, Permission.TEMPLATE_MANAGE, body_id=body_id)
    return view_of_template(_draft(text=text, body_id=body_id, by=by, at=at))


def _draft(*, text: str, body_id: int | None, by: Actor, at: datetime) -> Template:
    parsed, problems = lint_template(text)
    if parsed is None:
        raise TemplateUnsound(title="（未命名）", reasons=problems)
    same = Template.objects.filter(Q(body=None) if body_id is None else Q(body=body_id), code=parsed.code)
    draft = same.filter(state=choices.TemplateState.DRAFT).first()
    if draft is not None and draft.text == text:
        return draft
    if draft is None:
        last = same.aggregate(last=Max("version"))["last"] or 0
        draft = Template(body_id=body_id, code=parsed.code, version=last + 1)
    draft.title = parsed.title[:80]
    draft.number_word = parsed.number_word[:12]
    draft.outward = parsed.flag("对外")
    draft.seal = parsed.flag("印章")
    draft.text = text
    draft.text_digest = digest_of(text)
    draft.created_at = at
    draft.created_by = by.label
    draft.save()
    return draft


@transaction.atomic
def template_publish(*, template_id: int, by: Actor, at: datetime) -> TemplateView:
    """Put a draft in force for its bureau. Refused with every defect when it lacks what the law wants."""
    draft = Template.objects.select_for_update().filter(pk=template_id).first()
    if draft is None or draft.body_id is None:
        raise NotFound
    organisations.require(by, Permission.TEMPLATE_MANAGE, body_id=draft.body_id)
    if draft.state == choices.TemplateState.PUBLISHED:
        return view_of_template(draft)
    if draft.state != choices.TemplateState.DRAFT:
        raise Invalid(
            "该版本已被取代，不能再次发布",
            code="documents.template_superseded",
            remedy="请另存为新草稿后发布",
        )
    return view_of_template(_publish(draft, by=by, at=at))


def _publish(draft: Template, *, by: Actor, at: datetime) -> Template:
    _, problems = lint_template(draft.text)
    if problems:
        raise TemplateUnsound(title=draft.title, reasons=problems)
    for former in Template.objects.filter(
        Q(body=None) if draft.body_id is None else Q(body=draft.body_id),
        code=draft.code,
        state=choices.TemplateState.PUBLISHED,
    ):
        former.state = choices.TemplateState.SUPERSEDED
        former.save(update_fields=["state"])
        events.TEMPLATE.kept(former, at=at)
    draft.state = choices.TemplateState.PUBLISHED
    draft.published_at = at
    draft.published_by = by.label
    draft.save(update_fields=["state", "published_at", "published_by"])
    events.TEMPLATE.kept(draft, at=at)
    return draft


def view_of_template(row: Template) -> TemplateView:
    parsed = parsed_text(row.text_digest, row.text)
    return TemplateView(
        id=row.pk,
        code=row.code,
        title=row.title,
        version=row.version,
        state=row.state,
        body_id=row.body_id,
        number_word=row.number_word,
        outward=row.outward,
        seal=row.seal,
        text=row.text,
        fields=tuple(sorted(parsed.slots | parsed.loops)),
        published_at=row.published_at,
    )


def template_in_force(code: str, body_id: int | None) -> Template:
    """The body's own published version, else the shipped one. One query."""
    found = [
        Template.from_db(None, _TEMPLATE_COLUMNS, row) for row in _IN_FORCE(code=code, body=body_id or 0)
    ]
    row = min(found, key=lambda t: t.body_id is None, default=None)
    if row is None:
        raise TemplateMissing(template=code)
    return row


_TEMPLATE_COLUMNS = [field.attname for field in Template._meta.concrete_fields]
_IN_FORCE = Read(
    lambda: (
        Template.objects.filter(
            Q(body_id=Given("body")) | Q(body=None), code=Given("code"), state=choices.TemplateState.PUBLISHED
        )
        .order_by()
        .values_list(*_TEMPLATE_COLUMNS)
    )
)


# --- papers ----------------------------------------------------------------------------------------


def automatic(body: BodyRef) -> dict[str, Any]:
    """What every paper knows of its body. The review organ is the body's own government (复议法24)."""
    return {
        "body_name": body.name,
        "body_address": body.address,
        "body_phone": body.phone,
        "body_code": body.credit_code,
        "review_organ": body.government,
        "court": body.court,
        "payee_bank": body.payee_bank,
        "payee_address": body.payee_address,
    }


def full_data(body: BodyRef, data: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """``data`` in canonical spelling with the automatic fields; what the caller says of the payee and
    the review organ wins (垂直领导机关 and a case's own payee exist), blank values do not."""
    plain: dict[str, Any] = canonical.plain(dict(data))
    given = {k: v for k, v in plain.items() if v not in (None, "", [])}
    return {"drawn_on": clock.local_date(at).isoformat(), **automatic(body), **given}


def new_code() -> str:
    """A verification code: 80 random bits in base32 (16 signs), unguessable and short enough to type."""
    return base64.b32encode(os.urandom(10)).decode("ascii")


def draw(
    *,
    dossier_id: int,
    template: str,
    data: Mapping[str, Any],
    body: BodyRef,
    step_id: int | None,
    by: Actor,
    at: datetime,
    corrects: int | None = None,
    reserved: Reserved | None = None,
    signed: Sequence[Signed] = (),
) -> PaperView:
    """Make a paper in the step's transaction: check it, number it once, keep its data for good.

    A refusal leaves nothing behind. The page itself is set, sealed and signed after commit (outbox),
    or at the first look.
    ``reserved`` is what the paper bore when it was handed over without the net; a number that would be
    written otherwise now is refused, because the party holds the other. ``signed`` are signatures given
    before on what the paper says: they are part of its data and stand on its page. Raises ``PaperIncomplete``
    with every missing item (domain §3.2), ``TemplateMissing``.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a paper is drawn inside its step's transaction")
    row = template_in_force(template, body.id)
    parsed = parsed_text(row.text_digest, row.text)
    snapshot = full_data(body, data, at)
    if any(parsed.uses(label) and key not in snapshot for key, label in _FROM_DOSSIER.items()):
        snapshot = {**_from_dossier(dossier_id), **snapshot}
    problems = lint_data(parsed, snapshot)
    if problems:
        raise PaperIncomplete(title=row.title, reasons=problems)
    number = None
    if row.number_word:
        style = number_style(body.id, template)
        if reserved is not None:
            number = _reserved_number(reserved, row.number_word, snapshot, body, style, by, at)
        else:
            number = numbering.allot(body=body, word=row.number_word, style=style, by=by, at=at)
        snapshot["number"] = number.text
    if signed:
        snapshot["signatures"] = glass.facts(signed)
    text = canonical.encode(snapshot).decode()
    paper = insert(
        Paper(
            dossier_id=dossier_id,
            body_id=body.id,
            template=row,
            template_code=row.code,
            title=row.title,
            number=number,
            data=text,
            data_digest=hashlib.sha256(text.encode()).hexdigest(),
            code=(reserved.code if reserved else "") or new_code(),
            outward=row.outward,
            step_id=step_id,
            corrects_id=corrects,
            drawn_at=at,
            drawn_by=by.label,
        )
    )
    events.DRAWN.kept(paper, at=at)
    for one in signed:
        sign(paper_id=paper.pk, signed=one, by=by, at=at)
    outbox.enqueue(RENDER, {"paper": paper.pk}, at=at, key=f"render:{paper.pk}")
    return PaperView(
        id=paper.pk,
        template=paper.template_code,
        title=paper.title,
        number=number.text if number else None,
        state=choices.PaperState.DRAWN.value,
        dossier_id=dossier_id,
        body_id=body.id,
        step_id=step_id,
        drawn_at=at,
        drawn_by=by.label,
        outward=paper.outward,
        code=paper.code,
        corrects_id=corrects,
    )


@transaction.atomic
def _reserved_number(  # noqa: PLR0917
    reserved: Reserved,
    word: str,
    snapshot: Mapping[str, Any],
    body: BodyRef,
    style: numbering.Style,
    by: Actor,
    at: datetime,
) -> DocumentNumber:
    number = numbering.from_block(
        block_id=reserved.block_id, seq=reserved.seq, body=body, style=style, by=by, at=at
    )
    if number.text != reserved.text or not number.word.startswith(f"{body.code_word}{style.word or word}"):
        raise Invalid(
            f"文书上的文号为“{reserved.text}”，按号段应为“{number.text}”",
            code="documents.number_text",
            remedy="请收回原文书，作废该文号后重新制作",
        )
    if not str(snapshot["drawn_on"]).startswith(str(number.year)):
        raise Invalid(
            f"文号属于 {number.year} 年，与文书日期不在同一年",
            code="documents.number_year",
            remedy="请领用当年号段",
        )
    if reserved.code and Paper.objects.filter(code=reserved.code).exists():
        raise Invalid("文书核验码已经使用", code="documents.code_used", remedy="请重新制作文书")
    return number


_FROM_DOSSIER = {"case_number": "案号", "case_name": "案由", "party_name": "当事人"}


def _from_dossier(dossier_id: int) -> dict[str, Any]:
    row = dossiers.Dossier.objects.filter(pk=dossier_id).values("number", "title", "party_name").first()
    if row is None:
        raise NotFound
    found = {"case_number": row["number"], "case_name": row["title"], "party_name": row["party_name"]}
    return {k: v for k, v in found.items() if v}


def number_style(body_id: int, template: str) -> numbering.Style:
    row = _STYLE.one(body=body_id)
    if row is None:
        return numbering.Style()
    use_di, pad, suffix, words = row
    return numbering.Style(use_di, pad, suffix, str(words.get(template, "")))


_STYLE = Read(
    lambda: NumberStyle.objects.filter(body_id=Given("body")).values_list(
        "use_di", "pad", "word_suffix", "words"
    )
)


_WORD = re.compile(r"[\u4e00-\u9fff]{1,8}")


@transaction.atomic
def number_style_set(
    *,
    body_id: int,
    use_di: bool,
    pad: int,
    by: Actor,
    at: datetime,
    word_suffix: str = "字",
    words: Mapping[str, str] | None = None,
) -> None:
    """Choose how a body writes its numbers from now on (domain §3.1). Numbers already given keep their spelling.

    ``words`` maps a paper's code to the body's own 类别字; papers not named keep their template's. A word not used
    before starts a series of its own."""
    organisations.require(by, Permission.TEMPLATE_MANAGE, body_id=body_id)
    problems = Problems()
    if not 0 <= pad <= 4:
        problems.add("pad", "序号补零最多四位，请填写 0 至 4")
    if word_suffix not in ("字", ""):
        problems.add("suffix", "类别字之后只能加“字”或者不加")
    for code, word in (words or {}).items():
        if not template_in_force(code, body_id).number_word:
            problems.add(f"word_{code}", "该文书不编文号")
        elif not _WORD.fullmatch(word):
            problems.add(f"word_{code}", "类别字请填写一至八个汉字")
    problems.raise_if_any()
    wanted = {"use_di": use_di, "pad": pad, "word_suffix": word_suffix, "words": dict(words or {})}
    row = NumberStyle.objects.filter(body_id=body_id).first()
    if row is not None and all(getattr(row, k) == v for k, v in wanted.items()):
        return
    style, _ = NumberStyle.objects.update_or_create(body_id=body_id, defaults=wanted)
    events.STYLED.kept(style, at=at)


@transaction.atomic
def allot_block(
    *, body: BodyRef, template: str, size: int, holder: str, by: Actor, at: datetime
) -> tuple[int, int, int]:
    """Reserve ``size`` consecutive numbers for a device without the net; ``(block id, first, last)``."""
    if not 1 <= size <= 500:
        raise Invalid("预留号段应为 1 至 500 个", code="documents.block_size", remedy="请调整数量")
    row = template_in_force(template, body.id)
    if not row.number_word:
        raise Invalid(f"《{row.title}》不编文号，无需预留", code="documents.block_unnumbered")
    style = number_style(body.id, template)
    year = clock.local_date(at).year
    head = numbering.head_word(body, row.number_word, style)
    first = numbers.allot_block(numbering.series(body.id, head, year), size)
    block = NumberBlock.objects.create(
        body_id=body.id, word=head, year=year, first=first, last=first + size - 1,
        holder=holder.strip()[:60], allotted_at=at, allotted_by=by.label,
    )  # fmt: skip
    events.ALLOTTED.kept(block, at=at)
    return block.pk, first, first + size - 1


@transaction.atomic
def block_number_void(
    *, block_id: int, seq: int, body: BodyRef, reason: str, by: Actor, at: datetime
) -> None:
    """A reserved number that was spoilt or handed back unused: entered in the register and voided."""
    style = number_style(body.id, "")
    number = numbering.from_block(block_id=block_id, seq=seq, body=body, style=style, by=by, at=at)
    _number_void(number, reason=reason, by=by, at=at)


@transaction.atomic
def block_return(*, block_id: int, body: BodyRef, reason: str, by: Actor, at: datetime) -> int:
    """Hand a block back: every number of it that was not used is voided with the reason, so that the
    register explains each. Returns how many; a second time there is nothing left to void."""
    block = NumberBlock.objects.select_for_update().filter(pk=block_id, body_id=body.id).first()
    if block is None:
        raise NotFound("未找到该预留号段")
    left = numbering.free(block)
    for seq in left:
        block_number_void(block_id=block_id, seq=seq, body=body, reason=reason, by=by, at=at)
    return len(left)


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise Invalid(code="documents.void_reason", fields={"reason": ["请写明作废原因"]})
    return reason[:200]


def _number_void(number: DocumentNumber, *, reason: str, by: Actor, at: datetime) -> None:
    void = NumberVoid.objects.create(number=number, reason=_reason(reason), at=at, by=by.label)
    events.NUMBER_VOIDED.kept(void, at=at)


@transaction.atomic
def void(*, paper_id: int, reason: str, by: Actor, at: datetime) -> None:
    """Withdraw a paper that was not served. Its number stays in the register, void, with the reason.

    Refused after service (``PaperFixed``): then only a notice of correction (补正通知书) or a new decision.
    """
    paper = Paper.objects.select_for_update(of=("self",)).select_related("number").filter(pk=paper_id).first()
    if paper is None:
        raise NotFound
    text = _reason(reason)
    if PaperVoid.objects.filter(paper_id=paper_id).exists():
        return
    if Service.objects.filter(paper_id=paper_id, outcome=choices.ServiceOutcome.DONE).exists():
        raise PaperFixed
    row = PaperVoid.objects.create(paper=paper, reason=text, at=at, by=by.label)
    events.VOIDED.kept(row, at=at)
    ledger.public_proof_void(code=paper.code, reason=text, at=at)
    if paper.number is not None:
        _number_void(paper.number, reason=text, by=by, at=at)


@transaction.atomic
def sign(*, paper_id: int, signed: Signed, by: Actor, at: datetime) -> None:
    """Note who signed a paper by hand, refused (with what the officers noted) or was absent."""
    if signed.kind not in choices.SignerKind.values or signed.outcome not in choices.SignatureOutcome.values:
        raise Invalid("签名身份或者结果无法识别", code="documents.signature")
    if not signed.name.strip():
        raise Invalid(code="documents.signature", fields={"name": ["请填写签名人姓名"]})
    note = signed.note.strip()
    if signed.outcome != choices.SignatureOutcome.SIGNED and not note:
        raise Invalid(
            code="documents.signature_note",
            fields={"note": ["拒绝签名或者不在场的，请注明情况，有见证人的写明见证人"]},
        )
    if not Paper.objects.filter(pk=paper_id).exists():
        raise NotFound
    if signed.content_sha256:
        note = f"{note} 所签内容摘要 {signed.content_sha256[:24]}".strip()
    row = PaperSignature.objects.create(
        paper_id=paper_id, kind=signed.kind, name=signed.name.strip(), outcome=signed.outcome, note=note[:200],
        file_id=signed.file_id, sha256=files.ref(signed.file_id).sha256 if signed.file_id else None,
        at=at, by=by.label,
    )  # fmt: skip
    events.SIGNED.kept(row, at=at)


def data_of(paper: Paper) -> dict[str, Any]:
    """The data a paper was made from."""
    loaded: dict[str, Any] = json.loads(paper.data)
    return loaded
