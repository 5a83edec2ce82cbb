"""The public pages in a real browser: narrow phone, desktop, and verification without the server."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from mingzhi.kernel import sm2
from mingzhi.ledger import api as ledger
from mingzhi.ledger.notes import VerifierKey
from mingzhi.publication import api
from mingzhi.publication.models import Event
from tests.publication.conftest import AT, Bureau
from tests.receipts import disclosed, reopened
from tests.shared_data import shared

pytestmark = [
    pytest.mark.django_db(databases="__all__", transaction=True),
    pytest.mark.urls("tests.web_public.urls"),
    pytest.mark.browser,
]

PATHS = (
    "/", "/decisions/", "/decisions/{}/", "/lists/", "/lists/bodies/", "/lists/people/", "/lists/items/", "/lists/recording/",
    "/lists/review/", "/lists/terms/", "/officers/", "/progress/", "/complaints/", "/verify/", "/decisions/{}/correction/",
    "/decisions/{}/repair/", "/questions/", "/questions/ask/", "/complaints/?kind=report",
)  # fmt: skip


@pytest.fixture
def browser() -> Any:
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = Path(os.environ.get("MINGZHI_CHROMIUM", "/usr/bin/chromium"))
    if not chromium.exists():
        pytest.skip("no Chromium on this machine")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with playwright.sync_playwright() as p:
        opened = p.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        yield opened
        opened.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def test_no_page_scrolls_sideways_on_a_small_phone_or_a_desktop(
    browser: Any, live_server: Any, bureau: Bureau, snapshot: Any, sequenced: Any
) -> None:
    pk = bureau.published(snapshot())
    sequenced(AT)
    gone = bureau.published(snapshot(number="湛霞综执罚决字〔2026〕第13号", title="占道经营"))
    api.disclosure_withdraw(
        disclosure_id=gone,
        reason="处罚决定经行政复议撤销",
        basis="行政处罚法第四十八条第二款",
        by=bureau.publisher,
        at=AT,
    )
    pictures = os.environ.get("MINGZHI_PICTURES")
    for width, height in ((360, 780), (1366, 768)):
        page = browser.new_page(viewport={"width": width, "height": height})
        complaints: list[str] = []
        page.on("console", lambda m, c=complaints: c.append(m.text) if m.type == "error" else None)
        for path in (*PATHS, f"/decisions/{gone}/"):
            page.goto(live_server.url + path.format(pk))
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, f"{path} is {wide} px too wide at {width}"
            if pictures:
                page.screenshot(
                    path=f"{pictures}/{width}{path.format(pk).replace('/', '_')}.png", full_page=True
                )
        assert not [c for c in complaints if "Content Security" in c or "404" in c], complaints
        page.close()


def test_on_paper_the_agency_s_name_is_black_and_nothing_is_folded_away(
    browser: Any, live_server: Any, bureau: Bureau
) -> None:
    page = browser.new_page()
    page.goto(f"{live_server.url}/complaints/")
    folded = "[...document.querySelectorAll('.public-main details')].map(d => d.open)"
    assert page.evaluate(folded) == [False]
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('.brand')).color") == "rgb(0, 0, 0)"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(folded) == [True]
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(folded) == [False]
    page.close()


def test_what_a_citizen_typed_outlives_the_page_and_is_not_shown_to_the_next_at_the_same_machine(
    browser: Any, live_server: Any, bureau: Bureau
) -> None:
    machine = browser.new_context()
    page = machine.new_page()
    page.goto(f"{live_server.url}/complaints/")
    page.fill("[name=text]", "检查时没有出示证件")
    page.locator("[data-draft-note], .draft-note", has_text="关闭页面后清除").wait_for()
    page.reload()
    assert page.input_value("[name=text]") == "检查时没有出示证件"
    page.close()
    following = machine.new_page()
    following.goto(f"{live_server.url}/complaints/")
    assert following.input_value("[name=text]") == ""


def test_a_receipt_is_verified_in_the_browser_and_no_file_leaves_it(
    browser: Any, live_server: Any, bureau: Bureau, snapshot: Any, sequenced: Any, tmp_path: Path, client: Any
) -> None:
    pk, other = (
        bureau.published(snapshot()),
        bureau.published(snapshot(number="湛霞综执罚决字〔2026〕第13号")),
    )
    sequenced(AT)
    receipt, forged, foreign = (tmp_path / f"{name}.tlog-proof" for name in "abc")
    good, flipped = tmp_path / "a.json", tmp_path / "b.json"
    receipt.write_bytes(client.get(f"/decisions/{pk}/bundle").content)
    told = disclosed(receipt.read_bytes())
    forged.write_text(reopened(receipt.read_bytes(), {**told, "number": "第14号"}), encoding="utf-8")
    foreign.write_bytes(client.get(f"/decisions/{other}/bundle").content)
    good.write_bytes(client.get(f"/decisions/{pk}/text").content)
    changed = bytearray(good.read_bytes())
    changed[len(changed) // 2] ^= 1
    flipped.write_bytes(changed)
    entry = next(e for e in ledger.entries_of_many([f"disclosure-event:{n}" for n in Event.objects.values_list("pk", flat=True)])
                 if told["public_sha256"] in str(disclosed(ledger.bundle(e.id))))  # fmt: skip
    ledger.public_proof_put(
        code="ABCDEFGHJKLMNPQR", title="行政处罚决定书", number="第12号", body_name="示例局", made_on=AT.date(),
        sha256=told["public_sha256"], sm3="0" * 64, entry_id=entry.id,
    )  # fmt: skip

    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.goto(live_server.url + "/verify/")
    sent: list[tuple[str, str, str]] = []
    page.on("request", lambda r: sent.append((r.method, r.url, r.post_data or "")))
    result = page.locator("#local-result")

    def shows(words: str) -> None:
        page.locator("#local-result", has_text=words).wait_for(timeout=10_000)

    page.set_input_files("#local-receipt", str(receipt))
    result.locator("p").first.wait_for()
    assert "核验通过" in result.inner_text() or "不能核验 Ed25519" in result.inner_text()
    page.set_input_files("#local-file", str(good))
    shows("所选文件与登记的摘要一致")
    page.set_input_files("#local-file", str(flipped))
    shows("所选文件与登记的摘要不一致")
    page.set_input_files("#local-receipt", str(foreign))
    page.set_input_files("#local-file", str(good))
    shows("不是这份文件的凭证")
    page.set_input_files("#local-receipt", str(forged))
    shows("内容与登记时不一致")
    page.fill("#local-key", ledger.verifier_key()[:-4] + "AAAA")
    page.locator("#local-key").blur()
    page.set_input_files("#local-receipt", str(receipt))
    shows("账本公钥格式不正确")

    # By the code on the paper: the code is sent, the file is not.
    page.goto(live_server.url + "/verify/ABCDEFGHJKLMNPQR")
    page.set_input_files("#local-file", str(good))
    shows("所选文件与登记的摘要一致")
    page.set_input_files("#local-file", str(flipped))
    shows("所选文件与登记的摘要不一致")
    page.fill("#local-code", "ABCDEFGHJKLMNPQS")
    page.locator("#local-code").blur()
    shows("没有取到此编码的凭证")
    assert all(method == "GET" and not body for method, _, body in sent), sent
    asked = {url.removeprefix(live_server.url) for _, url, _ in sent if "/static/" not in url}
    assert asked == {
        "/verify/ABCDEFGHJKLMNPQR", "/verify/ABCDEFGHJKLMNPQR/receipt", "/verify/ABCDEFGHJKLMNPQS/receipt",
    }  # fmt: skip
    assert not [c for c in complaints if "Content Security" in c], complaints
    page.close()


def test_the_browser_checks_both_signatures_and_either_alone(
    browser: Any, live_server: Any, bureau: Bureau, snapshot: Any, sequenced: Any, tmp_path: Path, client: Any
) -> None:
    if why := sm2.missing():
        pytest.skip(f"SM2 未测：{why}")
    pk = bureau.published(snapshot())
    sequenced(AT)
    receipt, forged = tmp_path / "a.tlog-proof", tmp_path / "b.tlog-proof"
    text = client.get(f"/decisions/{pk}/bundle").content.decode()
    receipt.write_text(text, encoding="utf-8")
    ed25519, second = ledger.keys_in_force()
    *before, line = text.rstrip("\n").split("\n")
    name, _, raw = line.removeprefix("— ").partition(" ")
    spoiled = bytearray(base64.b64decode(raw))
    assert spoiled[:4].hex() == VerifierKey.parse(second).id.hex(), "the SM2 line is the last"
    spoiled[-1] ^= 1
    forged.write_text("\n".join([*before, f"— {name} {base64.b64encode(spoiled).decode()}", ""]), "utf-8")
    page = browser.new_page()
    page.goto(live_server.url + "/verify/")

    def told(keys: list[str], chosen: Path, words: str) -> str:
        page.set_input_files("#local-receipt", [])
        page.fill("#local-key", "\n".join(keys))
        page.set_input_files("#local-receipt", str(chosen))
        page.locator("#local-result", has_text=words).wait_for(timeout=15_000)
        return str(page.locator("#local-result").inner_text())

    knows = page.evaluate(
        """crypto.subtle ? crypto.subtle.generateKey({name: "Ed25519"}, false, ["verify", "sign"]).then(() => true, () => false) : false"""
    )
    assert "核验通过" in told([second], receipt, "签名一致：SM2")
    both = told([ed25519, second], receipt, "SM2")
    assert "签名一致：Ed25519、SM2" in both if knows else "不能核验的签名：Ed25519" in both
    told([ed25519, second], forged, "签名与公钥不符")
    told([second], forged, "签名与公钥不符")
    vector = json.loads(shared("oracles/sm2_sm3_sm4.json").read_text())["sm2_gbt32918_5"]
    check = """([key, text, signature]) => {
        const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
        return MingzhiSm2.verify(bytes(key), new TextEncoder().encode(text), bytes(signature));
    }"""
    key, signature = (vector[a] + vector[b] for a, b in (("Px", "Py"), ("r", "s")))
    assert page.evaluate(check, [key, vector["M"], signature]) is True
    for wrong in (
        [key, vector["M"] + "x", signature],
        [key, vector["M"], signature[:-2] + f"{int(signature[-2:], 16) ^ 1:02x}"],
        [key[:-2] + f"{int(key[-2:], 16) ^ 1:02x}", vector["M"], signature],  # not on the curve
        [key, vector["M"], "00" * 64],
        [key, vector["M"], "ff" * 64],
        [key, vector["M"], signature[:64]],
    ):
        assert page.evaluate(check, wrong) is False
    for length in (0, 1, 55, 56, 63, 64, 65, 200):
        message = bytes(range(length))
        assert page.evaluate(
            "(n) => [...MingzhiSm2.sm3(Uint8Array.from({length: n}, (_, i) => i))]", length
        ) == list(hashlib.new("sm3", message).digest())
    page.close()


def test_a_large_file_is_hashed_piece_by_piece_and_its_digest_is_right(
    browser: Any, live_server: Any, tmp_path: Path
) -> None:
    """Pieces and lengths of every kind, compared with hashlib; the file is larger than one piece."""
    page = browser.new_page()
    page.goto(live_server.url + "/verify/")
    large = tmp_path / "录像.mp4"
    large.write_bytes(os.urandom(1 << 20) * 9 + b"tail")
    page.set_input_files("#local-file", str(large))
    told = page.evaluate(
        """() => new Promise((done) => {
            const worker = new Worker(document.getElementById("local-result").dataset.worker), parts = [];
            worker.onmessage = ({data}) => data.digest
                ? done([parts, [...data.digest].map((b) => b.toString(16).padStart(2, "0")).join("")])
                : parts.push(data.done);
            worker.postMessage(document.getElementById("local-file").files[0]);
        })"""
    )
    assert told[1] == hashlib.sha256(large.read_bytes()).hexdigest()
    assert len(told[0]) == 3 and told[0][-1] == 1
    for length in (0, 1, 55, 56, 63, 64, 65, 119, 120, 1000):
        data = bytes(n * 7 % 256 for n in range(length))
        found = page.evaluate(
            "(b) => [...new MingzhiSha256().update(Uint8Array.from(b)).digest()].map((x) => x.toString(16).padStart(2, '0')).join('')",
            list(data),
        )
        assert found == hashlib.sha256(data).hexdigest(), length
    page.close()
