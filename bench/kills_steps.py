"""Server and worker killed (SIGKILL) at random moments while people take steps through the desk's forms.

A real server and a real worker over an installation of their own. Each clerk is two people (an officer
and a leader) who log in by the form and take ``recuse_apply`` and ``recuse_decide`` (a numbered paper) in turn over
dossiers of their own; a submission that got no answer, or 503, is sent again with the same key until it is
acknowledged by its redirect. While the server is down, and at the end, after one form was sent sixteen times
at once, the database is read:

``lost``     acknowledged, and not there as acknowledged
``double``   steps nobody was told of, or a step taken twice
``half``     a stored state that is not the fold of its steps, a decision without exactly one paper, gaps in the
             numbers, a message of the outbox gone, failed or never done, a finding of the whole check (files too)
``broken``   a checkpoint or receipt given out before a kill that the log no longer bears out
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import secrets
import signal
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench import bureau as house
from bench import engine
from bench.serving import WAIT, Server

MUST_BE_NONE = ("lost", "double", "half", "broken", "refused")
AT_ONCE = 16
PATIENCE = 10 * WAIT
"""Seconds that a person tries: on a busy machine the server is killed again and again before it answers."""
_ANCHOR = re.compile(r"/desk/cases/(\d+)/#step-(\d+)$")
_EXPECTED = re.compile(r'name="_expected" value="(\d+)"')

#: In a process of its own: pages are made in processes that the caller's may not have.
_AFTER_THE_LEASE = """
import django; django.setup()
from datetime import timedelta
from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.outbox import api as outbox
while outbox.run_due(clock.now() + timedelta(days=3), 50): pass  # set-up draws papers in office hours to come
ledger.sequence(at=clock.now())
"""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class Browser:
    """One person at the desk, over a real socket, who tries again while there is no server."""

    def __init__(self, port: int, username: str, password: str) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.jar = CookieJar()
        self.opener = urllib.request.build_opener(
            _NoRedirect(), urllib.request.HTTPCookieProcessor(self.jar), urllib.request.ProxyHandler({})
        )
        self.waited: Counter[str] = Counter()
        self.patiently("/login/")
        status, where, _ = self.patiently("/login/", {"username": username, "password": password})
        assert status == 302 and "/login/" not in where, f"{username} is not let in: {status} {where}"

    def patiently(self, path: str, form: dict[str, Any] | None = None) -> tuple[int, str, str]:
        """Status, ``Location`` and text of the first answer that is neither silence nor 503."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                status, where, text = self._once(path, form)
            except (OSError, http.client.HTTPException):
                self.waited["silence"] += 1
            else:
                if status != 503:
                    return status, where, text
                self.waited["503"] += 1
            time.sleep(0.05)
        raise TimeoutError(path)

    def form(self, dossier: int, verb: str) -> tuple[dict[str, Any], str]:
        """What the opened form of ``verb`` sends along, and its key."""
        status, _, text = self.patiently(f"/desk/cases/{dossier}/do/{verb}/")
        expected = _EXPECTED.search(text)
        assert status == 200 and expected, f"{status} at the form of {verb}"
        key = secrets.token_hex(16)
        return {"_key": key, "_expected": expected[1], "_occurred_at": ""}, key

    def _once(self, path: str, form: dict[str, Any] | None) -> tuple[int, str, str]:
        token = next((c.value or "" for c in self.jar if "csrf" in c.name), "")
        data = urlencode({**form, "csrfmiddlewaretoken": token}).encode() if form is not None else None
        request = urllib.request.Request(self.base + path, data, {"Referer": self.base})
        try:
            answer = self.opener.open(request, timeout=WAIT)
        except urllib.error.HTTPError as other:  # every answer but 2xx
            answer = other
        with answer:
            return answer.status, answer.headers.get("Location", ""), answer.read().decode()


class Clerk(threading.Thread):
    """Takes steps until told to stop. ``told``: key → (dossier, verb, seq) of what was acknowledged."""

    def __init__(
        self, port: int, password: str, dossiers: list[int], target: int, stop: threading.Event
    ) -> None:
        super().__init__(daemon=True)
        self.officer, self.leader = (Browser(port, who, password) for who in ("officer1", "leader"))
        self.dossiers, self.target, self.stopping = dossiers, target, stop
        self.told: dict[str, tuple[int, str, int]] = {}
        self.refused: list[str] = []

    def run(self) -> None:
        asked = {"applicant": "party", "target": self.target, "reason": "当事人认为有利害关系"}
        decided = {"approved": "false", "reason": "经审查不存在应当回避的情形"}
        try:
            while not self.stopping.is_set():
                for dossier in self.dossiers:
                    self._step(self.officer, dossier, "recuse_apply", asked)
                    self._step(self.leader, dossier, "recuse_decide", decided)
                    if self.stopping.is_set():
                        return
        except Exception as error:  # noqa: BLE001 — told in the score
            self.refused.append(f"{type(error).__name__}: {error}"[:300])

    def _step(self, who: Browser, dossier: int, verb: str, facts: dict[str, Any]) -> None:
        form, key = who.form(dossier, verb)
        status, where, text = who.patiently(f"/desk/cases/{dossier}/do/{verb}/", {**form, **facts})
        told = _ANCHOR.search(where)
        assert status == 302 and told, (
            f"{status} for {verb}: {' '.join(re.findall('[一-鿿，。]+', text))[:200]}"
        )
        self.told[key] = (int(told[1]), verb, int(told[2]))


def at_once(clerk: Clerk, threads: int) -> int:
    """One form sent ``threads`` times at the same moment, over as many sockets: how many different answers.

    The step is among those told; a second effect would show as ``double``."""
    dossier, who = clerk.dossiers[0], clerk.officer
    form, key = who.form(dossier, "recuse_apply")
    typed = {**form, "applicant": "party", "target": clerk.target, "reason": "当事人认为有利害关系"}
    start = threading.Barrier(threads)

    def send(_: int) -> str:
        start.wait()
        status, where, _text = who.patiently(f"/desk/cases/{dossier}/do/recuse_apply/", typed)
        return f"{status} {where}"

    with ThreadPoolExecutor(threads) as pool:
        answers = set(pool.map(send, range(threads)))
    told = _ANCHOR.search(min(answers))
    if told:
        clerk.told[key] = (int(told[1]), "recuse_apply", int(told[2]))
    else:
        clerk.refused.append(f"at once: {answers}")
    return len(answers)


class Worker:
    """``mingzhi worker``; can be killed and started again."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from mingzhi.cli import main; main()", "worker", "--beat", "0.1"],
            cwd=house.ROOT, env=self.environment, start_new_session=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


class Checker:
    """Reads the installation's database in this process and counts what should not be."""

    def __init__(self) -> None:
        self.score: Counter[str] = Counter()
        self.examples: list[str] = []
        self.given: dict[int, str] = {}
        self.receipts: dict[int, str] = {}
        self.messages: set[int] = set()

    def bad(self, kind: str, what: str) -> None:
        self.score[kind] += 1
        self.examples = [*self.examples, f"{kind}: {what}"][:20]

    def quick(self, told: dict[str, tuple[int, str, int]], whole: bool) -> None:
        """What was acknowledged is there; ``whole``: nobody writes now, so every fold is compared too."""
        from django.db import connection, transaction

        from mingzhi.procedures import api as procedures
        from mingzhi.procedures.models import Step

        keys = list(told)
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:  # a backend may still be ending what its client began
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            there: dict[str, tuple[int, str, int]] = {}
            for start in range(0, len(keys), 500):
                rows = Step.objects.filter(key__in=keys[start : start + 500])
                there.update(
                    {k: (d, v, n) for k, d, v, n in rows.values_list("key", "dossier_id", "verb", "seq")}
                )
            for key in keys:
                if there.get(key) != told[key]:
                    self.bad("lost", f"{told[key]} is {there.get(key)}")
            if whole:
                for sentence in procedures.inconsistencies():
                    self.bad("half", sentence)

    def take_proofs(self) -> None:
        """The newest checkpoint and a receipt, as somebody outside would keep them."""
        from mingzhi.ledger import api as ledger
        from mingzhi.ledger.models import Place

        latest = ledger.latest()
        if latest is None:
            return
        self.given[latest.size] = latest.note
        newest = Place.objects.order_by("-index").values_list("entry_id", flat=True).first()
        text = ledger.receipt(newest) if newest else None
        if text:
            self.receipts[newest] = text

    def end(
        self,
        told: dict[str, tuple[int, str, int]],
        dossiers: list[int],
        before: int,
        environment: dict[str, str],
    ) -> dict[str, Any]:
        """Everything at rest."""
        from django.db.models import Count

        from mingzhi.documents.models import DocumentNumber, Paper
        from mingzhi.ledger import api as ledger
        from mingzhi.ledger import verify
        from mingzhi.outbox import api as outbox
        from mingzhi.procedures.models import Step

        self.quick(told, whole=True)
        steps = Step.objects.filter(dossier_id__in=dossiers)
        for key in set(steps.filter(key__isnull=False).values_list("key", flat=True)) - set(told):
            self.bad("double", f"a step with key {key} was never acknowledged")
        if steps.count() != before + len(told):
            self.bad("double", f"{steps.count()} steps, not {before} + {len(told)}")
        decisions = steps.filter(verb="recuse_decide").values_list("pk", flat=True)
        papers = Counter(Paper.objects.filter(dossier_id__in=dossiers).values_list("step_id", flat=True))
        for pk in decisions:
            if papers[pk] != 1:
                self.bad("half", f"step {pk} has {papers[pk]} papers")
        for row in DocumentNumber.objects.order_by().values("body", "word", "year").annotate(n=Count("id")):
            seqs = DocumentNumber.objects.filter(body=row["body"], word=row["word"], year=row["year"])
            found = sorted(seqs.values_list("seq", flat=True))
            if found != list(range(found[0], found[0] + len(found))):
                self.bad("half", f"numbers of {row['word']}〔{row['year']}〕 have gaps")
        unused = DocumentNumber.objects.filter(paper__isnull=True, void__isnull=True).count()
        if unused:
            self.bad("half", f"{unused} numbers stand on no paper")
        left = outbox.counts()["waiting"]  # what a killed worker had in hand is due when its lease is over
        subprocess.run([sys.executable, "-c", _AFTER_THE_LEASE], cwd=house.ROOT, env=environment, check=True)
        counts = outbox.counts()
        for state in ("waiting", "failed"):
            if counts[state]:
                why = "; ".join(
                    f"{m.kind}: {m.last_error}" for m in (*outbox.struggling(5), *outbox.failures(5))
                )
                self.bad("half", f"{counts[state]} messages {state} ({why})")
        unmade = Paper.objects.filter(dossier_id__in=dossiers, page__isnull=True).count()
        if unmade:
            self.bad("half", f"{unmade} papers were never made into pages: their message is gone")
        report = ledger.fsck(files=True, processes=1)
        for finding in report.findings:
            self.bad("half", str(finding))
        if ledger.pending_count():
            self.bad("half", f"{ledger.pending_count()} entries have no place")
        for size, note in self.given.items():
            path, newest = ledger.consistency(size)
            try:
                verify.verify_consistency(note, newest, path, ledger.verifier_key())
            except verify.Unproven as error:
                self.bad("broken", f"checkpoint of {size}: {error}")
        for entry, text in self.receipts.items():
            try:
                verify.verify_receipt(text, vkey=ledger.verifier_key())
            except verify.Unproven as error:
                self.bad("broken", f"receipt of {entry}: {error}")
        return {
            "entries": report.size,
            "checkpoints_kept": len(self.given),
            "outbox_done": counts["done"],
            "outbox_after_lease": left,
        }


def run(how: dict[str, Any]) -> dict[str, Any]:
    """``count`` kills; inside an installation of its own (``bureau.apart``). The score."""
    from django.db import connection, connections

    from mingzhi.kernel import clock
    from mingzhi.ledger import api as ledger
    from mingzhi.organisations.demo import DEMO_PASSWORD
    from mingzhi.procedures.models import Step

    chance = random.Random(how["seed"])
    dossiers: list[int] = engine.filed(how["clerks"] * how["dossiers"])["dossiers"]
    before = Step.objects.filter(dossier_id__in=dossiers).count()
    target = house.people().person("officer2", clock.now())
    url = os.environ.get("MINGZHI_DATABASE_URL", "")
    server = Server(Path(os.environ["MINGZHI_VAR"]), MINGZHI_DATABASE_URL=url)
    worker, checker, stop = Worker(server.environment), Checker(), threading.Event()
    clerks: list[Clerk] = []
    down: dict[str, list[float]] = {"server": [], "worker": []}
    killed: Counter[str] = Counter()
    checked: set[str] = set()

    def told() -> dict[str, tuple[int, str, int]]:
        return {key: what for clerk in clerks for key, what in list(clerk.told.items())}

    try:
        server.start()
        worker.start()
        clerks = [
            Clerk(server.port, DEMO_PASSWORD, dossiers[n :: how["clerks"]], target, stop)
            for n in range(how["clerks"])
        ]
        for clerk in clerks:
            clerk.start()
        for number in range(how["count"]):
            time.sleep(chance.uniform(0.05, 1.5))
            victims = chance.choice((("server",), ("server",), ("worker",), ("server", "worker")))
            if number < 2:  # a few kills hit both kinds, too
                victims = (("server",), ("worker",))[number]
            checker.take_proofs()
            placed = latest.size if (latest := ledger.latest()) else 0
            if "server" in victims:
                server.kill()
            if "worker" in victims:
                worker.kill()
            killed.update(victims)
            fresh = {key: what for key, what in told().items() if key not in checked}
            checker.quick(fresh, whole="server" in victims)
            checked.update(fresh)
            connections.close_all()
            began = time.monotonic()
            if "worker" in victims:
                worker.start()
            if "server" in victims:
                down["server"].append(server.start())
            if "worker" in victims:
                while (now := ledger.latest()) is None or now.size <= placed:
                    if time.monotonic() - began > WAIT:
                        checker.bad("half", "the sequencer does not go on")
                        break
                    time.sleep(0.02)
                down["worker"].append(time.monotonic() - began)
            if any(clerk.refused for clerk in clerks):
                break
        stop.set()
        for clerk in clerks:
            clerk.join(PATIENCE)
        answers = 0 if any(clerk.refused for clerk in clerks) else at_once(clerks[0], AT_ONCE)
    finally:
        stop.set()
        server.kill()
        worker.kill()
    subprocess.run(
        [sys.executable, "-c", "from mingzhi.cli import main; main()", "worker", "--once"],
        cwd=house.ROOT, env=server.environment, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    rest = checker.end(told(), dossiers, before, server.environment)
    waited = sum((b.waited for c in clerks for b in (c.officer, c.leader)), Counter[str]())
    refused = [told for clerk in clerks for told in clerk.refused]
    return {
        "database": connection.vendor, "kills": sum(killed.values()), "killed": dict(killed), "acknowledged": len(told()),
        **{kind: checker.score[kind] for kind in MUST_BE_NONE}, "refused": len(refused),
        "examples": [*refused, *checker.examples], "sent_again": dict(waited),
        "one_key_at_once": {"threads": AT_ONCE, "different_answers": answers},
        "recovery_s": {
            who: {"median": round(statistics.median(s), 2), "max": round(max(s), 2)} for who, s in down.items() if s
        },
        **rest,
    }  # fmt: skip


def main() -> None:
    """As ``bench.kills --what steps`` with its options, and those of ``apart``, as JSON: for tests."""
    how = json.loads(sys.argv[1])
    where = {name: how.pop(name) for name in ("url", "keep") if name in how}
    print(json.dumps(house.apart(run, how, **where), ensure_ascii=False))


if __name__ == "__main__":
    main()
