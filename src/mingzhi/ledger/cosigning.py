"""Asking witnesses to cosign our checkpoints; and who they are: the system administrator proposes, another
administrator decides (docs/security/trust.md), and both are in the log itself.

If it stops after the witness answered and before the line is kept: the next try learns from the
witness which size it cosigned, and asks for that again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from mingzhi.kernel.errors import NotAllowed, NotFound, Problems, require_text
from mingzhi.ledger import notes, remote, store, witness
from mingzhi.ledger.actions import attempt
from mingzhi.ledger.errors import WitnessInvalid, WitnessUnclear
from mingzhi.ledger.formats import Submission, TreeHead
from mingzhi.ledger.models import (
    Checkpoint,
    Cosignature,
    Cosigner,
    Log,
    WitnessChange,
    WitnessDecision,
)
from mingzhi.ledger.rows import Rows, columns


def cosigner_add(*, vkey: str, url: str, by: str, at: datetime) -> None:
    """Ask this witness from now on; again with another address, the address is replaced."""
    try:
        parsed = notes.VerifierKey.parse(vkey)
    except notes.BadNote as error:
        raise WitnessInvalid(why=f"见证公钥格式不正确（{error}）") from None
    if parsed.kind != notes.COSIGNATURE:
        raise WitnessInvalid(why="给出的不是见证公钥（cosignature/v1）")
    Cosigner.objects.update_or_create(
        vkey=str(parsed),
        defaults={"url": remote.address(url)},
        create_defaults={"url": remote.address(url), "at": at},
    )
    attempt("ledger:cosigner_added", f"witness:{parsed.name}", by=by, at=at)


def cosigner_drop(*, vkey: str, by: str, at: datetime) -> None:
    """Ask this witness no longer; its signatures stay."""
    if not Cosigner.objects.filter(vkey=vkey).delete()[0]:
        raise NotFound("没有登记此见证方")
    attempt("ledger:cosigner_dropped", f"witness:{notes.VerifierKey.parse(vkey).name}", by=by, at=at)


def behind() -> list[tuple[str, int]]:
    """(witness key, size) where a witness has not cosigned our latest checkpoint."""
    size = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first()
    if size is None:
        return []
    done = set(Cosignature.objects.filter(size=size).values_list("vkey", flat=True))
    asked = Cosigner.objects.order_by("at").values_list("vkey", flat=True)
    return [(vkey, size) for vkey in asked if vkey not in done]


def submit(vkey: str, *, at: datetime) -> bool:
    """Have the witness cosign our latest checkpoint. False when there is nothing to do.

    ``WitnessUnclear`` when it did not; whatever it then holds of our log is compared with ours, and a
    contradiction kept as a split view.
    """
    asked = Cosigner.objects.filter(vkey=vkey).first()
    log = Log.objects.order_by("at").first()
    head = Checkpoint.objects.order_by("-size").first()
    if asked is None or log is None or head is None:
        return False
    kept = Cosignature.objects.filter(vkey=vkey).order_by("-size").values_list("size", flat=True)
    old = kept.first() or 0
    if old == head.size:
        return False
    answer = None
    for _ in range(2):
        path = store.tree(log, head).consistency(old, head.size)
        body = Submission(old, tuple(path), head.note).text().encode()
        answer = remote.ask(f"{asked.url}/add-checkpoint", body)
        if answer.status == 200:
            _keep(asked, head, answer.text(), at)
            return True
        told = _size(answer)
        if told is None or told == old or told > head.size:
            break
        old = told
    compare(asked, at=at)
    status = answer.status if answer else 0
    raise WitnessUnclear(name=asked.url, why=f"没有签署第 {head.size} 条处的检查点（{status}）")


def _size(answer: remote.Answer) -> int | None:
    """The size a 409 tells; None when it tells none."""
    text = answer.text().removesuffix("\n")
    if answer.status != 409 or answer.kind != witness.SIZE_TYPE or not text.isascii() or not text.isdigit():
        return None
    return int(text) if len(text) < 19 else None


def _keep(asked: Cosigner, head: Checkpoint, lines: str, at: datetime) -> None:
    """Keep the witness's own line, if it fits; lines by others are passed over."""
    key = notes.VerifierKey.parse(asked.vkey)
    try:
        notes.verify(head.note + lines, [key])
    except notes.BadNote as error:
        raise WitnessUnclear(name=asked.url, why=f"见证签名不成立（{error}）") from None
    for line in lines.splitlines(keepends=True):
        name, given, _ = notes.parse(head.note + line).signatures[-1]
        if (name, given) == (key.name, key.id):
            break
    with transaction.atomic():
        Cosignature.objects.get_or_create(vkey=asked.vkey, size=head.size, defaults={"line": line, "at": at})


def compare(asked: Cosigner, *, at: datetime) -> str:
    """Compare what this witness holds of our log with our log; a contradiction becomes a split view.

    Returns what is wrong, empty when nothing is. It must carry our own signature to count.
    """
    log = Log.objects.order_by("at").first()
    if log is None:
        return ""
    answer = remote.ask(f"{asked.url}/seen/{witness.digest(log.origin)}")
    if answer.status == 404:
        return ""
    try:
        if answer.status != 200:
            raise notes.BadNote(f"status {answer.status}")
        text, _ = notes.verify(answer.text(), store.ed25519_keys(log))
        theirs = TreeHead.parse(text)
    except notes.BadNote as error:
        raise WitnessUnclear(name=asked.url, why=f"不是本账本签发的检查点（{error}）") from None
    head = Checkpoint.objects.order_by("-size").first()  # read after the answer: it can only be larger
    if head is None or theirs.size > head.size:
        size = head.size if head else 0
        wrong = f"见证方持有本账本签到第 {theirs.size} 条的检查点，而本账本只签到第 {size} 条"
    elif store.tree(log, head).root(theirs.size) != theirs.root:
        wrong = f"见证方持有的第 {theirs.size} 条处的检查点与本账本不一致"
    else:
        return ""
    ours = (Checkpoint.objects.filter(size=theirs.size).first() or head) if head else None
    witness.split_found(
        log.origin, ours.note if ours else "", answer.text(), source=asked.url, sentence=wrong, at=at
    )
    return wrong


# -- who witnesses us, changed by two people ----------------------------------------------------------

ASK, DROP = "ask", "drop"
ACTS = {ASK: "增加见证方", DROP: "停用见证方"}

PROPOSED = Rows(
    "ledger:witness:proposed", "提出见证方变更", "witness_change", WitnessChange, columns(WitnessChange)
)
DECIDED = Rows(
    "ledger:witness:decided", "审批见证方变更", "witness_decision", WitnessDecision, columns(WitnessDecision)
)


@dataclass(frozen=True, slots=True)
class ChangeView:
    id: int
    act: str
    act_label: str
    name: str
    vkey: str
    url: str
    reason: str
    at: datetime
    by: str
    by_name: str
    approved: bool | None
    note: str
    decided_by: str
    decided_at: datetime | None


@transaction.atomic
def change_propose(
    *, act: str, vkey: str, url: str = "", reason: str, by: str, by_name: str, at: datetime
) -> int:
    """Propose to ask a witness from now on, or to ask one no longer. ``WitnessInvalid``, ``Invalid``."""
    problems = Problems()
    if act not in ACTS:
        problems.add("act", "请选择变更事项")
    if len(reason.strip()) < 4:
        problems.add("reason", "请写明理由")
    problems.raise_if_any()
    try:
        key = notes.VerifierKey.parse(vkey)
    except notes.BadNote as error:
        raise WitnessInvalid(why=f"见证公钥格式不正确（{error}）") from None
    known = Cosigner.objects.filter(vkey=str(key)).exists()
    if act == ASK and key.kind != notes.COSIGNATURE:
        raise WitnessInvalid(why="给出的不是见证公钥（cosignature/v1）")
    if act == DROP and not known:
        raise NotFound("没有登记此见证方")
    if WitnessChange.objects.filter(vkey=str(key), decision=None).exists():
        raise WitnessInvalid(why="此见证方已有待审批的变更")
    row = WitnessChange.objects.create(
        act=act,
        vkey=str(key),
        url=remote.address(url) if act == ASK else "",
        reason=reason.strip()[:300],
        at=at,
        by=by,
        by_name=by_name,
    )
    PROPOSED.kept(row, at=at)
    return row.pk


@transaction.atomic
def change_decide(
    *, change_id: int, approved: bool, note: str = "", by: str, by_name: str, at: datetime
) -> None:
    """Another administrator's word; approved, it takes effect with it."""
    change = WitnessChange.objects.select_for_update().filter(pk=change_id).first()
    if change is None or WitnessDecision.objects.filter(change=change).exists():
        raise NotFound("没有此项待审批的变更")
    if change.by == by:
        raise NotAllowed("提出变更的人员不能审批本变更", code="ledger.same_person")
    if not approved:
        require_text("note", note, "不同意的，请写明理由")
    row = WitnessDecision.objects.create(
        change=change, approved=approved, note=note.strip()[:300], at=at, by=by, by_name=by_name
    )
    DECIDED.kept(row, at=at)
    if approved and change.act == ASK:
        cosigner_add(vkey=change.vkey, url=change.url, by=by, at=at)
    elif approved:
        cosigner_drop(vkey=change.vkey, by=by, at=at)


def changes(limit: int = 50) -> list[ChangeView]:
    """Proposals, those still open first, then the newest."""
    rows = WitnessChange.objects.select_related("decision").order_by("-pk")[:limit]
    found = [_view(row) for row in rows]
    return sorted(found, key=lambda view: view.approved is not None)


def _view(row: WitnessChange) -> ChangeView:
    said = getattr(row, "decision", None)
    return ChangeView(
        row.pk, row.act, ACTS[row.act], notes.VerifierKey.parse(row.vkey).name, row.vkey, row.url, row.reason,
        row.at, row.by, row.by_name, None if said is None else said.approved, said.note if said else "",
        said.by_name if said else "", said.at if said else None,
    )  # fmt: skip
