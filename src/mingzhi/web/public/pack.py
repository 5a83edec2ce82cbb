"""The disclosures as a folder of static pages, for a government site's plain file server (R046, R050).

Every link is relative, nothing needs a script or a query. The folder is built beside its place and put
there by renaming one symbolic link, so a reader gets the old pack or the new one, never a mixture; what
was withdrawn is gone with the old pack, which is removed at once.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from mingzhi.files import api as files
from mingzhi.kernel import canonical
from mingzhi.kernel.errors import MingzhiError, NotFound
from mingzhi.publication import api as publication
from mingzhi.publication.data import PublicDecision

PER_PAGE = 100


class NotAPack(MingzhiError):
    code = "publication.not_a_pack"
    sentence = "{folder} 已有其他内容，不会覆盖"
    remedy = "请换一个尚不存在的目录，或者先移走其中的内容"
    status = 409


def export(folder: Path, *, at: datetime) -> dict[str, int]:
    """Write the pack and put it at ``folder``; how many decisions and tombstones are in it.

    ``folder`` becomes a symbolic link to a folder beside it. Killed before the rename, the former pack
    stands and the torn one is removed by the next run.
    """
    if folder.exists() and not folder.is_symlink():
        raise NotAPack(folder=folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    mark = f".{folder.name}-"
    before = folder.resolve() if folder.is_symlink() else None
    for torn in folder.parent.glob(f"{mark}*"):
        if torn != before and not torn.is_symlink() and torn.is_dir():
            shutil.rmtree(torn)
    made = Path(tempfile.mkdtemp(prefix=mark, dir=folder.parent))
    made.chmod(0o755)
    counts = _write(made, at)
    link = folder.parent / f"{mark}link"
    link.unlink(missing_ok=True)
    link.symlink_to(made.name)
    link.replace(folder)
    if before is not None and before.parent == folder.parent.resolve():
        shutil.rmtree(before)
    return counts


def _write(made: Path, at: datetime) -> dict[str, int]:
    (made / "decisions").mkdir()
    counts = {"shown": 0, "gone": 0}
    rows = []
    for decision in _all():
        gone = not decision.content
        beside = [
            {"name": a["name"], "href": f"{decision.id}-{a['sha256']}{Path(a['name']).suffix}"}
            for a in decision.content.get("attachments", ())
        ]
        counts["gone" if gone else "shown"] += 1
        name = f"decisions/{decision.id}"
        _page(
            made / f"{name}.html",
            "public/pack_decision.html",
            {"decision": decision, "row": decision.row, "gone": gone, "beside": beside},
        )
        if not gone:
            (made / f"{name}.json").write_bytes(canonical.encode(decision.content))
            rows.append(decision.row)
        for listed in decision.content.get("attachments", ()):
            stored = publication.public_file(decision.id, listed["sha256"])
            shutil.copyfile(
                files.path(stored.id), made / f"{name}-{listed['sha256']}{Path(stored.name).suffix}"
            )
        with contextlib.suppress(NotFound):  # placed within a second; else the next pack has it
            (made / f"{name}.tlog-proof").write_text(publication.public_bundle(decision.id), "utf-8")
    rows.sort(key=lambda row: (row.published_on, row.id), reverse=True)
    pages = [rows[start : start + PER_PAGE] for start in range(0, len(rows), PER_PAGE)] or [[]]
    for number, page in enumerate(pages, start=1):
        context = {
            "rows": page,
            "number": number,
            "last": len(pages),
            "before": _name(number - 1),
            "after": _name(number + 1),
        }
        _page(made / _name(number), "public/pack_index.html", {**context, "made_at": at, "total": len(rows)})
    return counts


def _name(number: int) -> str:
    return "index.html" if number <= 1 else f"page-{number}.html"


def _all() -> Iterator[PublicDecision]:
    after = 0
    while rows := publication.feed.inventory(after):
        for row in rows:
            yield publication.public_decision(row.disclosure)
        after = rows[-1].disclosure


def _page(path: Path, template: str, context: dict[str, Any]) -> None:
    path.write_text(render_to_string(template, {**context, "site": settings.PUBLIC_URL}), "utf-8")
