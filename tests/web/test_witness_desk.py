"""见证 at the desk: three administrators, two hands for each change, contradictions with what to do; and in public."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import lxml.html
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from mingzhi.ledger import api as ledger
from mingzhi.ledger import notes
from mingzhi.ledger.models import Cosignature, Cosigner, SplitView
from mingzhi.ledger.sequencer import open_log
from mingzhi.ledger.witness import split_found
from mingzhi.web.demo.drive import Drive

pytestmark = pytest.mark.django_db(databases="__all__")
Desk = Callable[..., Client]
Freeze = Callable[..., None]
KEY = str(notes.SignerKey("w.example/mingzhi/witness", bytes(range(32)), notes.COSIGNATURE).verifier)
LOG = notes.SignerKey("a.example/mingzhi/1", bytes(range(1, 33)))
PAGE = "/desk/ledger/witnesses/"


def words(response: object) -> str:
    tree = lxml.html.fromstring(response.content.decode())  # type: ignore[attr-defined]
    for gone in tree.xpath("//script"):
        gone.drop_tree()
    return " ".join(tree.text_content().split())


def proposed(change: str = "ask", **more: str) -> dict[str, str]:
    given = {"act": "propose", "change": change, "vkey": KEY, "url": "https://w.example/witness"}
    return {**given, "reason": "与某某区互相见证", **more}


def test_a_witness_is_added_and_retired_by_two_administrators(
    drive: Callable[..., Drive], desk: Desk, freeze: Freeze
) -> None:
    case = drive()
    at: datetime = case.at
    open_log(at=at)
    ledger.sequence(at=at)
    freeze(at)
    system, security, audit, officer = (desk(n) for n in ("sysadmin", "secadmin", "auditor", "officer1"))
    assert officer.get(PAGE).status_code == 403
    assert "没有登记见证方" in words(system.get(PAGE))
    for wrong in (
        proposed(vkey="无"),
        proposed(vkey=str(LOG.verifier)),
        proposed(url="ftp://w.example"),
        proposed(reason=""),
        proposed(change="other"),
    ):
        assert system.post(PAGE, wrong).status_code == 422, wrong
    assert system.post(PAGE, proposed("drop")).status_code == 404
    assert security.post(PAGE, proposed()).status_code == 403
    assert system.post(PAGE, proposed()).status_code == 302
    assert system.post(PAGE, proposed()).status_code == 422, "one proposal at a time"
    assert not Cosigner.objects.exists()
    change = ledger.cosigning.changes()[0]
    decide = {"act": "decide", "change": str(change.id), "approved": "yes"}
    for other in (system, audit):
        assert other.post(PAGE, decide).status_code == 403
    assert security.post(PAGE, {**decide, "approved": "no", "note": ""}).status_code == 422
    assert security.post(PAGE, decide).status_code == 302
    assert security.post(PAGE, decide).status_code == 404, "once"
    assert Cosigner.objects.get().vkey == KEY
    late = words(system.get(PAGE))
    assert "尚未签署" in late and "增加见证方" in late
    size = ledger.latest().size  # type: ignore[union-attr]
    Cosignature.objects.create(size=size - 1, vkey=KEY, line="— x y\n", at=at)
    assert "落后 1 条" in words(system.get(PAGE)) and "落后 1 条" in words(Client().get("/witness/"))
    Cosignature.objects.create(size=size, vkey=KEY, line="— x y\n", at=at)
    ledger.sequence(at=at)
    assert system.post(PAGE, proposed("drop", url="", reason="对方停用其系统")).status_code == 302
    change = ledger.cosigning.changes()[0]
    security.post(PAGE, {"act": "decide", "change": str(change.id), "approved": "yes"})
    assert not Cosigner.objects.exists()
    assert "本账本目前没有其他机关见证" in words(Client().get("/witness/"))
    ledger.sequence(at=at)
    assert [f for f in ledger.fsck().findings if "witness" in f.kind] == []
    for table in ("ledger_witnesschange", "ledger_witnessdecision"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET id = id")


def test_who_proposed_a_change_does_not_decide_it_whatever_else_they_may(at: datetime) -> None:
    from mingzhi.kernel.errors import NotAllowed

    open_log(at=at)
    number = ledger.cosigning.change_propose(
        act="ask", vkey=KEY, url="https://w.example/witness", reason="互相见证", by="a", by_name="甲", at=at
    )
    with pytest.raises(NotAllowed):
        ledger.cosigning.change_decide(change_id=number, approved=True, by="a", by_name="甲", at=at)


def test_a_split_view_tells_what_to_do_and_only_the_auditor_records_how_it_was_cleared_up(
    desk: Desk, freeze: Freeze, drive: Callable[..., Drive]
) -> None:
    case = drive()
    open_log(at=case.at)
    freeze(case.at)
    heads = [notes.sign(f"{LOG.verifier.name}\n5\n{root}\n", LOG) for root in ("AAA=", "BBB=")]
    split_found(
        LOG.verifier.name, *heads, source="账本送签", sentence="在第 5 条处签发了两个不同的根", at=case.at
    )
    system, audit = desk("sysadmin"), desk("auditor")
    page = words(system.get(PAGE))
    assert "两个不同的根" in page and "先完整备份现场" in page and "登记处理情况" not in page
    settle = {
        "act": "settle",
        "split": str(SplitView.objects.get().pk),
        "how": "对方恢复旧备份所致，已换新账本",
    }
    assert system.post(PAGE, settle).status_code == 403
    assert audit.post(PAGE, {**settle, "how": ""}).status_code == 422
    assert audit.post(PAGE, settle).status_code == 302
    after = words(audit.get(PAGE))
    assert "先完整备份现场" not in after and "对方恢复旧备份所致" in after
