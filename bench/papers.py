"""Papers per second: two-page hearing notices, set unsigned, then set, sealed and signed.

    python -m bench.papers [--papers 200] [--workers 2]

Prints medians of three runs on this machine, and ReportLab or WeasyPrint on the same text where they
are installed (they are not dependencies). Database and file store are left out: this measures the
typesetter and the signature. The first compilation (fonts, seal) is told apart.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

sys.path[:0] = [
    str(Path(__file__).resolve().parent.parent / "src"),
    str(Path(__file__).resolve().parent.parent),
]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402

from mingzhi.documents import actions, typeset  # noqa: E402
from mingzhi.documents.markup import parse  # noqa: E402
from mingzhi.documents.signing import sign_pdf  # noqa: E402

AT = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
LINE = "当事人在示例区某某路人行道上堆放建筑物料，占用城市道路面积十二平方米，未经批准。"


def data(n: int) -> dict[str, object]:
    return {
        "body_name": "示例市城市管理和综合执法局", "drawn_on": "2026-11-16", "review_organ": "示例市人民政府",
        "court": "示例市人民法院", "payee_bank": "示例银行", "payee_address": "某某路3号",
        "number": f"示综执罚决字〔2026〕第{n}号", "party_name": f"示例{n}号运输有限公司", "party_address": f"示例市某某路{n}号",
        "case_name": "未经批准占用城市道路", "facts": f"案件{n}：{LINE * 3}",
        "evidence": [{"name": f"证据{i}", "proves": "占用情况"} for i in range(4)],
        "violated": "《城市道路管理条例》第三十一条", "basis": "《城市道路管理条例》第四十二条",
        "discretion": "初次违法，及时改正。", "statement_result": "未提出。",
        "penalty": f"处罚款人民币{n}元。", "performance": "按下列方式缴纳。", "fine_fen": n * 100, "surcharge": "到期不缴纳的，每日按百分之三加处罚款。",
    }  # fmt: skip


def unsigned(n: int) -> bytes:
    return typeset.to_pdf(
        typeset.document(PARSED, data(n), code=f"ABCDEFGH{n:08d}".replace("0", "Q").replace("1", "R"))
    )


def signed(n: int) -> bytes:
    return sign_pdf(unsigned(n), body_id=1, body_name="示例市城市管理和综合执法局", reason="签章", at=AT)[0]


def unsigned_size(n: int) -> int:
    return len(unsigned(n))


def signed_size(n: int) -> int:
    return len(signed(n))


def keys_in(folder: str) -> None:
    settings.KEYS_ROOT = folder


def rate(pool: Executor, make: Callable[[int], int], papers: int) -> float:
    started = time.perf_counter()
    list(pool.map(make, range(1, papers + 1), chunksize=4))
    return papers / (time.perf_counter() - started)


def reportlab_rate(papers: int) -> float | None:
    """The peer's simplest way: the same words, two pages, no layout rules, not signed."""
    try:
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.ttfonts import TTFont
        from reportlab.platypus import Paragraph, SimpleDocTemplate
    except ImportError:
        return None
    import io

    pdfmetrics.registerFont(TTFont("Song", str(next(Path(settings.FONTS_ROOT).glob("NotoSerifSC_400*.ttf")))))
    style = ParagraphStyle(
        "x", fontName="Song", fontSize=15.75, leading=28.9, wordWrap="CJK", firstLineIndent=31
    )
    started = time.perf_counter()
    for n in range(papers):
        words = [str(b["t"]) for b in typeset.document(PARSED, data(n), code="")["blocks"] if "t" in b]
        SimpleDocTemplate(io.BytesIO()).build([Paragraph(w, style) for w in words])
    return papers / (time.perf_counter() - started)


def weasyprint_rate(papers: int) -> float | None:
    try:
        import weasyprint
    except (ImportError, OSError):
        return None
    started = time.perf_counter()
    for n in range(papers):
        words = "".join(
            f"<p>{b['t']}</p>" for b in typeset.document(PARSED, data(n), code="")["blocks"] if "t" in b
        )
        weasyprint.HTML(string=f"<style>body{{font:16pt 'Noto Serif SC'}}</style>{words}").write_pdf()
    return papers / (time.perf_counter() - started)


PARSED = parse((actions.SHIPPED / "P13H.txt").read_text("utf-8"))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--papers", type=int, default=200)
    options.add_argument("--workers", type=int, default=2)
    chosen = options.parse_args()
    settings.KEYS_ROOT = tempfile.mkdtemp(prefix="mingzhi-bench-")
    started = time.perf_counter()
    signed(1)
    print(f"first paper (fonts, seal, key): {time.perf_counter() - started:.2f} s")
    for n in range(2, 8):
        signed(n)
    import pypdfium2

    print(
        f"pages per paper: {len(pypdfium2.PdfDocument(unsigned(5)))}, {len(unsigned(5)) // 1024} KB unsigned"
    )
    context = get_context("spawn")
    with (
        ThreadPoolExecutor(chosen.workers) as threads,
        ProcessPoolExecutor(chosen.workers, context, keys_in, (settings.KEYS_ROOT,)) as processes,
    ):
        for label, make in (("unsigned", unsigned_size), ("signed (PAdES P-256)", signed_size)):
            burnt = time.process_time()
            for n in range(1, 31):
                make(n)
            print(f"{label}: {(time.process_time() - burnt) / 30 * 1000:.1f} ms CPU each")
            for name, pool in (("threads", threads), ("processes", processes)):
                rate(pool, make, 16)
                runs = [rate(pool, make, chosen.papers) for _ in range(3)]
                shown = [round(r, 1) for r in runs]
                print(f"  {statistics.median(runs):.1f} papers/s on {chosen.workers} {name} (runs {shown})")
    for label, found in (("reportlab", reportlab_rate(20)), ("weasyprint", weasyprint_rate(5))):
        print(
            f"{label}: {f'{found:.1f} papers/s, one thread, unsigned' if found else 'not installed, left out'}"
        )


if __name__ == "__main__":
    main()
