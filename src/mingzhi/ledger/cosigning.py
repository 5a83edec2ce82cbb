"""Asking witnesses to cosign our checkpoints.

If it stops after the witness answered and before the line is kept: the next try learns from the
witness which size it cosigned, and asks for that again.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import notes, remote, store, witness
from mingzhi.ledger.actions import attempt
from mingzhi.ledger.errors import WitnessInvalid, WitnessUnclear
from mingzhi.ledger.formats import Submission, TreeHead
from mingzhi.ledger.models import Checkpoint, Cosignature, Cosigner, Log


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
