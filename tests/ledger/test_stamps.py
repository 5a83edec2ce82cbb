"""Time stamps of checkpoints (RFC 3161), by an authority of the tests' own that answers over a socket."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.db import IntegrityError, connection, transaction
from django.test import Client

from mingzhi.ledger import api as ledger
from mingzhi.ledger import notes, stamping, verify_stamp
from mingzhi.ledger.errors import StampFailed
from mingzhi.ledger.models import CheckpointStamp
from mingzhi.ledger.sequencer import open_log
from mingzhi.ledger.verify import Unproven
from mingzhi.ledger.verify_command import verify
from mingzhi.outbox import actions, ledger_jobs
from mingzhi.outbox.models import OutboxMessage
from tests.ledger import tsa
from tests.stories.test_hostile_owner import owner

pytestmark = pytest.mark.django_db(databases="__all__")
TEXT = "o.example/mingzhi/1\n5\nAAAA\n"
MOMENT = datetime(2026, 9, 14, 1, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority() -> tsa.Authority:
    return tsa.authority(MOMENT)


@pytest.fixture(scope="module")
def other() -> tsa.Authority:
    return tsa.authority(MOMENT, name="另一时间戳机构")


@pytest.fixture(scope="module")
def token(authority: tsa.Authority) -> bytes:
    asked = verify_stamp.request(TEXT)
    return verify_stamp.token_of(authority.answer(asked.body), asked)


# -- the token, pure --------------------------------------------------------------------------------


def test_a_stamp_says_when_the_text_existed_and_by_whom(token: bytes, authority: tsa.Authority) -> None:
    found = verify_stamp.verify_stamp(token, TEXT, authority.root)
    assert found.moment == MOMENT and found.policy == tsa.POLICY and "示例时间戳机构" in found.authority


def test_a_stamp_proves_no_other_text_and_nothing_under_other_roots(
    token: bytes, authority: tsa.Authority, other: tsa.Authority
) -> None:
    for text, roots, why in (
        (TEXT.replace("5", "6"), authority.root, "不符"),
        (TEXT, other.root, "根证书"),
        (TEXT, "", "根证书"),
        (TEXT, "不是证书", "根证书"),
    ):
        with pytest.raises(Unproven, match=why):
            verify_stamp.verify_stamp(token, text, roots)


def test_a_token_that_was_cut_or_changed_proves_nothing(token: bytes, authority: tsa.Authority) -> None:
    info = token.index(b"20260914")  # the moment itself
    for spoiled in (
        token[:-1],
        token + b"\x00",
        token[:info] + b"20250914" + token[info + 8 :],
        token[:-40] + bytes(40),
        b"",
        TEXT.encode(),
    ):
        with pytest.raises(Unproven):
            verify_stamp.verify_stamp(spoiled, TEXT, authority.root)


def test_a_certificate_for_another_purpose_stamps_nothing() -> None:
    signer = tsa.authority(MOMENT, purpose=ExtendedKeyUsageOID.CODE_SIGNING)
    asked = verify_stamp.request(TEXT)
    with pytest.raises(Unproven, match="根证书"):
        verify_stamp.verify_stamp(verify_stamp.token_of(signer.answer(asked.body), asked), TEXT, signer.root)


def test_an_answer_to_another_question_or_under_another_policy_is_refused(authority: tsa.Authority) -> None:
    asked, again = verify_stamp.request(TEXT), verify_stamp.request(TEXT)
    with pytest.raises(Unproven, match="与请求不符"):
        verify_stamp.token_of(authority.answer(again.body), asked)
    wanted = verify_stamp.request(TEXT, "1.2.3")
    with pytest.raises(Unproven, match="与请求不符"):
        verify_stamp.token_of(authority.answer(wanted.body), wanted)
    for answer in (b"", b"<html>", b"0\x00", authority.answer(asked.body)[:-9]):
        with pytest.raises(Unproven):
            verify_stamp.token_of(answer, asked)
    with pytest.raises(ValueError, match="策略"):
        verify_stamp.request(TEXT, "policy")


def test_note_and_token_come_back_from_one_file_and_from_no_other(token: bytes) -> None:
    note = f"{TEXT}\n— x AAAAAAA=\n"
    text = verify_stamp.armoured(note, token)
    assert verify_stamp.unarmoured(text) == (note, token)
    for spoiled in (note, text + "x", text.replace("END", "EMD"), text.replace("\nMI", "\n-I", 1)):
        with pytest.raises(Unproven):
            verify_stamp.unarmoured(spoiled)


# -- the log's checkpoints ----------------------------------------------------------------------------


@pytest.fixture
def service(authority: tsa.Authority, settings: Any, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The authority over a socket; ``answers`` may be set to what it shall say instead."""
    said: dict[str, Any] = {"asked": 0, "answer": authority.answer, "status": 200}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said["asked"] += 1
            said["kind"] = self.headers["Content-Type"]
            body = said["answer"](self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(said["status"])
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing on the test's screen."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    (tmp_path / "roots.pem").write_text(authority.root)
    settings.TSA = {
        "url": f"http://127.0.0.1:{server.server_port}/tsa", "policy": "",
        "roots": str(tmp_path / "roots.pem"), "minutes": 60,
    }  # fmt: skip
    yield said
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def log(at: datetime) -> Callable[[], int]:
    assert at.astimezone(UTC) == MOMENT
    open_log(at=at)
    grown = iter(range(100))

    def grow() -> int:
        with transaction.atomic():
            ledger.cosigning.change_propose(
                act="ask", vkey=str(_witness(next(grown))), url="https://w.example/witness",
                reason="互相见证", by="a", by_name="甲", at=at,
            )  # fmt: skip
        ledger.sequence(at=at)
        return ledger.latest().size  # type: ignore[union-attr]

    return grow


def _witness(number: int) -> notes.VerifierKey:
    return notes.SignerKey("w.example/witness", bytes([number]) * 32, notes.COSIGNATURE).verifier


def test_the_worker_has_the_latest_checkpoint_stamped_and_anybody_checks_it_offline(
    service: dict[str, Any], log: Callable[[], int], at: datetime, tmp_path: Path
) -> None:
    size = log()
    assert Client().get("/ledger/checkpoint/stamped").status_code == 404
    ledger_jobs.ask_for_time(at)
    ledger_jobs.ask_for_time(at)
    assert OutboxMessage.objects.filter(kind=ledger_jobs.STAMP).count() == 1
    actions.run_due(at)
    assert service["asked"] == 1 and service["kind"] == "application/timestamp-query"
    (view,) = stamping.stamps()
    assert view.size == size and view.moment == at and "示例时间戳机构" in view.authority
    file = tmp_path / "stamped.txt"
    file.write_bytes(Client().get("/ledger/checkpoint/stamped").content)
    words = [str(file), "--key", ledger.verifier_key(), "--tsa-roots", str(tmp_path / "roots.pem")]
    done = CliRunner().invoke(verify, [*words, "--json"])
    told = json.loads(done.output)
    assert (
        done.exit_code == 0
        and told["size"] == size
        and told["stamp"]["moment"].startswith("2026-09-14T01:30")
    )
    assert "由 Common Name: 示例时间戳机构 签发" in CliRunner().invoke(verify, words).output
    lacking = CliRunner().invoke(verify, words[:3])
    assert lacking.exit_code == 1 and "--tsa-roots" in lacking.output
    file.write_text(file.read_text().replace(f"\n{size}\n", f"\n{size + 1}\n", 1))
    assert CliRunner().invoke(verify, words).exit_code == 1


def test_a_stamp_is_asked_for_once_an_hour_and_only_when_something_came(
    service: dict[str, Any], log: Callable[[], int], at: datetime, settings: Any
) -> None:
    first = log()
    assert stamping.due(at) == first
    assert stamping.stamp(first, at=at) and not stamping.stamp(first, at=at)
    later = at + timedelta(hours=2)
    assert stamping.due(later) is None, "nothing came"
    second = log()
    assert stamping.due(at + timedelta(minutes=59)) is None
    assert stamping.due(at + timedelta(minutes=60)) == second
    settings.TSA = {**settings.TSA, "url": ""}
    assert stamping.due(later) is None and not stamping.stamp(second, at=later)


def test_an_authority_that_fails_lies_or_is_another_gives_no_stamp_and_is_asked_again(
    service: dict[str, Any],
    log: Callable[[], int],
    at: datetime,
    authority: tsa.Authority,
    other: tsa.Authority,
) -> None:
    size = log()
    for answer, status, moment, why in (
        (lambda body: b"", 503, at, "503"),
        (lambda body: b"<html>", 200, at, "不是 RFC 3161"),
        (other.answer, 200, at, "根证书"),
        (authority.answer, 200, at + timedelta(hours=1), "相差过大"),
    ):
        service["answer"], service["status"] = answer, status
        with pytest.raises(StampFailed, match=why):
            stamping.stamp(size, at=moment)
    assert not CheckpointStamp.objects.exists()
    service["answer"], service["status"] = authority.answer, 200
    assert stamping.stamp(size, at=at)


def test_a_stamp_cannot_be_changed_and_one_that_was_is_named_by_the_check(
    service: dict[str, Any], log: Callable[[], int], at: datetime
) -> None:
    stamping.stamp(log(), at=at)
    assert list(stamping.otherwise()) == []
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_checkpointstamp SET size = size")
    row = CheckpointStamp.objects.get()
    for changes in (
        {"moment": row.moment + timedelta(hours=1)},
        {"policy": "1.2.3"},
        {"token": bytes(row.token)[:-1]},
        {"size": row.size + 1},
    ):
        with owner():
            CheckpointStamp.objects.filter(pk=row.pk).update(**changes)
            assert len(list(stamping.otherwise())) == 1
            assert any(f.subject.startswith("stamp:") for f in ledger.fsck().findings)
