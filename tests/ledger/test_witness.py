"""Witnessing: the protocol's answers, two real installations over sockets, a log that shows two histories."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import IntegrityError, connection, transaction
from django.test import Client

from mingzhi.ledger import api, merkle, notes, remote, verify
from mingzhi.ledger.commands import ledger
from mingzhi.ledger.errors import WitnessInvalid, WitnessRefused, WitnessUnclear
from mingzhi.ledger.formats import Submission, TreeHead
from mingzhi.ledger.models import SplitView, WatchedLog
from mingzhi.ledger.witness import digest, log_unwatch, log_watch, split_settle

ROOT = Path(__file__).resolve().parents[2]
KEY = notes.SignerKey("example.cn/mingzhi/1", bytes(range(32)))
BY = "示例管理员"
LEAVES = [merkle.leaf_hash(b"%d" % n) for n in range(40)]


def checkpoint(leaves: list[bytes], *signers: notes.SignerKey) -> str:
    body = TreeHead(KEY.verifier.name, len(leaves), merkle.root_of(leaves)).text()
    return notes.sign(body, *(signers or (KEY,)))


def proof(old: int, leaves: list[bytes]) -> tuple[bytes, ...]:
    levels = [leaves]
    while len(levels[-1]) > 1:
        row = levels[-1]
        levels.append([merkle.node_hash(a, b) for a, b in zip(row[::2], row[1::2], strict=False)])
    return tuple(merkle.consistency(lambda level, index: levels[level][index], old, len(leaves)))


def submission(old: int, size: int, **other: Any) -> Submission:
    return Submission(old, proof(old, LEAVES[:size]), checkpoint(LEAVES[:size]), **other)


@pytest.fixture
def post(client: Client) -> Callable[..., Any]:
    def send(what: Submission | bytes) -> Any:
        body = what if isinstance(what, bytes) else what.text().encode()
        return client.post("/witness/add-checkpoint", body, content_type="text/plain")

    return send


@pytest.fixture
def watched(at: datetime) -> str:
    return log_watch(vkeys=[str(KEY.verifier)], url="", by=BY, at=at)


database = pytest.mark.django_db(databases="__all__")


# -- the protocol ----------------------------------------------------------------------------------


@database
def test_a_growing_log_is_cosigned_and_the_last_head_stays(watched: str, post: Any, client: Client) -> None:
    key = notes.VerifierKey.parse(api.witness.key())
    assert client.get("/witness/key").content.decode().strip() == str(key)
    assert key.kind == notes.COSIGNATURE
    assert client.get(f"/witness/seen/{digest(watched)}").status_code == 404
    for old, size in ((0, 5), (5, 8), (8, 8), (8, 40)):
        answer = post(submission(old, size))
        assert answer.status_code == 200, answer.content
        note = checkpoint(LEAVES[:size]) + answer.content.decode()
        ((_, moment),) = notes.verify(note, [key])[1]
        assert moment and moment > 1_700_000_000
    assert WatchedLog.objects.get().size == 40
    assert client.get(f"/witness/seen/{digest(watched)}").content.decode() == checkpoint(LEAVES)


@database
def test_every_refusal_has_the_specifications_status(watched: str, post: Any) -> None:
    assert post(submission(0, 5)).status_code == 200
    other = notes.SignerKey("example.cn/mingzhi/1", bytes(32))
    foreign = notes.sign(TreeHead("other.cn/log", 5, bytes(32)).text(), KEY)
    good = submission(5, 8)
    forked = [merkle.leaf_hash(b"x"), *LEAVES[1:8]]
    refusals: list[tuple[Any, int]] = [
        (b"", 400),
        (b"old 5\n", 400),
        (b"\xff\xfe", 400),
        (good.text().replace("old 5", "old 05").encode(), 400),
        (good.text().replace("old 5", "old -1").encode(), 400),
        (Submission(9, (), good.checkpoint), 400),
        (Submission(5, (bytes(32),) * 64, good.checkpoint), 400),
        (Submission(5, good.path, foreign), 404),
        (Submission(5, good.path, checkpoint(LEAVES[:8], other)), 403),
        (submission(0, 8), 409),
        (submission(4, 8), 409),
        (Submission(5, (), good.checkpoint), 422),
        (Submission(5, proof(5, forked), checkpoint(forked)), 422),
        (Submission(5, good.path[::-1], good.checkpoint), 422),
        (Submission(5, proof(5, LEAVES[:6]), good.checkpoint), 422),
    ]
    for what, status in refusals:
        answer = post(what)
        assert answer.status_code == status, (what, answer.content)
        if status == 409:
            assert answer.content == b"5\n"
            assert answer["Content-Type"] == "text/x.tlog.size"
    assert WatchedLog.objects.get().size == 5
    assert not SplitView.objects.exists()  # a bad proof proves nothing against the log
    assert post(good).status_code == 200
    assert post(b"old 0\n\n" + b"x" * 300_000).status_code == 413


@database
def test_the_specifications_own_request_is_read_and_bad_ones_are_not() -> None:
    hashes = [base64.b64encode(bytes([n]) * 32).decode() for n in range(4)]
    text = "old 20852014\n" + "\n".join(hashes) + "\n\nexample.com/behind-the-sofa\n20852163\n"
    asked = Submission.parse(text)
    assert (asked.old, len(asked.path)) == (20852014, 4)
    assert asked.text() == text
    for bad in ("", "old 1\n\n", "new 1\n\nx", "old 1\nAAAA\n\nx", "old 1\n", "old  1\n\nx", "old 1\n!\n\nx"):
        with pytest.raises(notes.BadNote):
            Submission.parse(bad)


@database
def test_two_roots_at_one_size_are_kept_as_evidence(watched: str, post: Any, at: datetime) -> None:
    forked = [merkle.leaf_hash(b"x"), *LEAVES[1:5]]
    assert post(submission(0, 5)).status_code == 200
    for old, path in ((5, ()), (0, ())):
        answer = post(Submission(old, path, checkpoint(forked)))
        assert (answer.status_code, answer.content) == (409, b"5\n")
    (alarm,) = api.standing.witnesses().alarms  # once, however often it comes
    assert {alarm.ours, alarm.theirs} == {checkpoint(LEAVES[:5]), checkpoint(forked)}
    for note in (alarm.ours, alarm.theirs):
        assert verify.verify_checkpoint(note, str(KEY.verifier)).size == 5  # anyone can check the proof
    status = CliRunner().invoke(ledger, ["witness", "status"])
    assert status.exit_code == 1 and "两个不同的根" in status.output
    from config import checks

    assert [f.id for f in checks.ledger(deploy=False)] == ["mingzhi.E060"]
    with pytest.raises(WitnessInvalid):
        split_settle(split_id=alarm.id, how=" ", by=BY, at=at)
    assert CliRunner().invoke(
        ledger, ["witness", "settle", str(alarm.id), "--how", "对方恢复备份所致", "--by", BY]
    ).exit_code == 0  # fmt: skip
    assert (
        api.standing.witnesses().ok and api.standing.witnesses().splits[0].settled_how == "对方恢复备份所致"
    )
    assert CliRunner().invoke(ledger, ["witness", "status"]).exit_code == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute("UPDATE ledger_splitview SET ours = ''")


@database
def test_an_empty_log_may_begin(watched: str, post: Any) -> None:
    assert post(Submission(0, (), checkpoint([]))).status_code == 200
    assert post(submission(0, 3)).status_code == 200
    wrong = notes.sign(TreeHead(KEY.verifier.name, 0, bytes(32)).text(), KEY)
    assert post(Submission(0, (), wrong)).status_code in (409, 422)


@database
def test_only_keys_of_one_log_are_watched_and_only_addresses_asked(at: datetime) -> None:
    other = notes.SignerKey("b.example/log", bytes(32))
    cosigner = notes.SignerKey("w.example/w", bytes(32), notes.COSIGNATURE)
    for vkeys in (["x"], [], [str(KEY.verifier), str(other.verifier)], [str(cosigner.verifier)]):
        with pytest.raises(WitnessInvalid):
            log_watch(vkeys=vkeys, url="", by=BY, at=at)
    for url in ("ftp://x", "file:///etc/passwd", "x", "https://", "http://x/?q=1"):
        with pytest.raises(WitnessInvalid):
            log_watch(vkeys=[str(KEY.verifier)], url=url, by=BY, at=at)
    assert log_watch(vkeys=[str(KEY.verifier)], url="https://a.example/ledger/", by=BY, at=at)
    assert WatchedLog.objects.get().url == "https://a.example/ledger"
    log_unwatch(origin=KEY.verifier.name, by=BY, at=at)
    with pytest.raises(WitnessRefused) as refused:
        api.witness.add_checkpoint(submission(0, 3).text().encode(), at=at)
    assert refused.value.status == 404


def test_nobody_there_is_no_answer() -> None:
    with pytest.raises(WitnessUnclear, match="连接失败"):
        remote.ask("http://127.0.0.1:9/seen")


# -- two installations -----------------------------------------------------------------------------


class Installation:
    """A process of its own with a database, keys and a web server."""

    def __init__(self, var: Path, url: str = "") -> None:
        environment = {
            **os.environ,
            "MINGZHI_VAR": str(var),
            "MINGZHI_DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "config.settings.test"),
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        }
        environment.pop("MINGZHI_TEST_DATABASE_URL", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.ledger.installation"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self._read()["url"]

    def _read(self) -> Any:
        line = self.process.stdout.readline()  # type: ignore[union-attr]
        assert line, "the installation ended"
        return json.loads(line)

    def __call__(self, do: str, **more: Any) -> Any:
        self.process.stdin.write(json.dumps({"do": do, **more}) + "\n")  # type: ignore[union-attr]
        self.process.stdin.flush()  # type: ignore[union-attr]
        answer = self._read()
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["ok"]

    def end(self) -> None:
        self.process.stdin.close()  # type: ignore[union-attr]
        self.process.wait(timeout=20)
        self.process.stdout.close()  # type: ignore[union-attr]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    made: list[Installation] = []

    def make(name: str, url: str = "") -> Installation:
        made.append(Installation(tmp_path / name, url))
        return made[-1]

    yield make
    for one in made:
        one.end()


def introduce(log: Installation, witness: Installation) -> str:
    """``witness`` watches ``log``, ``log`` asks ``witness``. The witness's key."""
    vkey = witness("tell")["witness"]
    witness("watch_log", vkeys=log("tell")["keys"], url=f"{log.url}/ledger")
    log("ask", vkey=vkey, url=f"{witness.url}/witness")
    return str(vkey)


def story(log: Installation, witness: Installation, twin: Callable[[], Installation]) -> None:
    log("add", count=5)
    vkey = introduce(log, witness)
    for _ in range(3):
        log("round")  # the worker: the periodic job enqueues, the outbox sends
    told = log("tell")
    proven = verify.verify_checkpoint(told["cosigned"], [*told["keys"], vkey])
    assert proven.size == 5 and proven.cosigners[0][0] == vkey.split("+")[0]
    assert told["checkpoint"] == told["cosigned"]
    assert log("watch") == witness("watch") == {"wrong": [], "unclear": []}

    # A copy of the log with its key goes another way: the operator shows two histories.
    forked = twin()
    forked("add", count=3, text="其他")
    log("add", count=3)
    log("submit", vkey=vkey)
    with pytest.raises(RuntimeError, match="WitnessUnclear"):
        forked("submit", vkey=vkey)
    assert not witness("witnesses")["ok"]  # both heads reached the witness: 8 entries, two roots
    assert not forked("witnesses")["ok"]
    assert log("witnesses")["ok"]
    (alarm,) = witness("witnesses")["splits"]
    assert "两个不同的根" in alarm["sentence"]
    witness("settle", number=alarm["id"])
    assert witness("witnesses")["ok"]

    # The forked one grows past; now only the tiles can tell. The witness looks at its site.
    forked("add", count=9, text="再")
    witness("watch_log", vkeys=log("tell")["keys"], url=f"{forked.url}/ledger")
    found = witness("watch")
    assert "不是同一本账" in found["wrong"][0], found
    assert not witness("witnesses")["ok"]


def test_two_installations_cosign_and_a_forked_log_is_caught(
    installation: Callable[..., Installation], tmp_path: Path
) -> None:
    log, witness = installation("log"), installation("witness")

    def twin() -> Installation:
        shutil.copytree(tmp_path / "log", tmp_path / "twin")
        return installation("twin")

    story(log, witness, twin)


@pytest.mark.postgres
def test_two_installations_on_postgresql(installation: Callable[..., Installation], tmp_path: Path) -> None:
    import psycopg
    from psycopg import sql

    base, _, _ = os.environ["MINGZHI_TEST_DATABASE_URL"].rpartition("/")
    names = {name: f"mingzhi_{name}_{os.getpid()}" for name in ("log", "witness", "twin")}
    with psycopg.connect(f"{base}/postgres", autocommit=True) as server:

        def create(name: str, template: str = "template1") -> None:
            server.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(names[name]), sql.Identifier(template)
                )
            )

        create("log"), create("witness")
        log = installation("log", f"{base}/{names['log']}")
        witness = installation("witness", f"{base}/{names['witness']}")

        def twin() -> Installation:
            log("close")
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [names["log"]]
            )
            create("twin", names["log"])
            shutil.copytree(tmp_path / "log", tmp_path / "twin")
            return installation("twin", f"{base}/{names['twin']}")

        try:
            story(log, witness, twin)
        finally:
            for name in names.values():
                server.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
                )


def test_the_witness_survives_a_lost_answer_and_a_change_of_key(
    installation: Callable[..., Installation],
) -> None:
    log, witness = installation("log"), installation("witness")
    log("add", count=4)
    vkey = introduce(log, witness)
    # The witness cosigned, the log never heard: as if it had died before keeping the line.
    note = log("tell")["checkpoint"]
    answer = remote.ask(f"{witness.url}/witness/add-checkpoint", Submission(0, (), note).text().encode())
    assert answer.status == 200
    log("add", count=2)
    assert log("submit", vkey=vkey) is True
    assert log("submit", vkey=vkey) is False
    log("rotate")
    log("add", count=1)
    log("add", count=1)
    with pytest.raises(RuntimeError, match="403"):
        log("submit", vkey=vkey)  # the witness does not know the new key yet
    witness("watch_log", vkeys=log("tell")["keys"], url=f"{log.url}/ledger")
    assert log("submit", vkey=vkey) is True
    witness.end()
    with pytest.raises(RuntimeError, match="WitnessUnclear"):
        log("add", count=1) and log("submit", vkey=vkey)
    assert log("witnesses")["ok"]


def test_a_restored_log_is_told_by_its_witness(
    installation: Callable[..., Installation], tmp_path: Path
) -> None:
    """The database and the folder go back to an old copy together: only the witness remembers."""
    log, witness = installation("log"), installation("witness")
    log("add", count=4)
    vkey = introduce(log, witness)
    log("submit", vkey=vkey)
    shutil.copytree(tmp_path / "log", tmp_path / "old")
    log("add", count=4)
    log("submit", vkey=vkey)
    old = installation("old")
    old("ask", vkey=vkey, url=f"{witness.url}/witness")
    found = old("watch")
    assert "签到第 8 条" in found["wrong"][0] and "只签到第 4 条" in found["wrong"][0]
    assert not old("witnesses")["ok"]
