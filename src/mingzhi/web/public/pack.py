"""The disclosures as a folder of static pages, for a government site's plain file server (R046, R048, R050).

Every link is relative; nothing needs a script or a query; the look is the public face's own. A generation is built beside the folder's place
(what did not change is hard-linked from the one before) and put there by renaming one symbolic link: a
reader gets the old or the new one, never a mixture, and so does who looks after a crash between any two
lines. What was withdrawn or corrected goes first, before what is new is written; the generation before is
removed at once, so the disk holds one, and a second only while it is made.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template, render_to_string
from django.utils import translation
from django.utils.html import escape

from mingzhi.files import api as files
from mingzhi.files.errors import FileErased
from mingzhi.kernel import canonical
from mingzhi.kernel.errors import MingzhiError, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.ledger.errors import LiveRowDiffers
from mingzhi.publication import api as publication
from mingzhi.publication.data import PublicMark

PER_PAGE = 200
"""Decisions on one page of a month's list."""
NEWEST = 100
MANY_NEW = 20
"""With more than these to add, what must go is gone in a generation of its own before they are written."""
MOST_IN_SITEMAP = 50_000
MANIFEST = "pack.json"
TEMPLATES = ("public/pack_base.html", "public/pack_decision.html", "public/pack_list.html")
STYLES = ("mingzhi/app.css", "mingzhi/public.css")
"""The public face's own sheets, in the pack as one."""
LANGUAGES = (("zh-hans", ""), ("en", ".en"))
HARMLESS = frozenset(
    [
        ".pdf",
        ".ofd",
        ".docx",
        ".xlsx",
        ".pptx",
        ".csv",
        ".txt",
        ".zip",
        ".jpg",
        ".jpeg",
        ".png",
        ".webp",
        ".gif",
        ".bmp",
        ".tif",
        ".tiff",
    ]
)


class NotAPack(MingzhiError):
    code = "publication.not_a_pack"
    sentence = "{folder} 已有其他内容，不会覆盖"
    remedy = "请换一个尚不存在的目录，或者先移走其中的内容"
    status = 409


class AtWork(MingzhiError):
    code = "publication.pack_at_work"
    sentence = "另一个后台任务正在更新该目录"
    remedy = "系统会自动重试"
    status = 409


class Lacking(MingzhiError):
    """The pack is in step but for files that cannot be read: they are tried again with the next run."""

    code = "publication.pack_lacking"
    sentence = "目录已更新，但有 {count} 件公示的附件无法读取，暂未放入：{numbers}"
    remedy = "请核对存储的文件；恢复后系统会自动补上"
    status = 409


def export(
    folder: Path, *, at: datetime, marks: Sequence[PublicMark] | None = None, site: str = ""
) -> dict[str, int]:
    """Bring the pack at ``folder`` into step with ``marks`` (default: everything public) and tell what is in
    it: decisions shown, tombstones, the generation's number, decisions written anew.

    ``site`` is the address at which the folder is served: with it there is a sitemap. Raises ``NotAPack``
    where something else stands, ``AtWork`` while another process is at it, ``Lacking`` when all is done but for
    files that cannot be read.
    """
    wanted = publication.feed.marks() if marks is None else marks
    with _alone(folder):
        before = _sound(folder)
        known = before.decisions if before is not None else {}
        changed = [m for m in wanted if m.disclosure in known and not _stands(m, known[m.disclosure], before)]
        new = [m for m in wanted if m.disclosure not in known]
        dropped = known.keys() - {m.disclosure for m in wanted}
        if (changed or dropped) and len(new) > MANY_NEW:
            urgent = [m for m in wanted if m.disclosure in known]
            before = _generation(folder, before, urgent, site, at)
            changed = []
        if before is None or changed or new or dropped or before.form != _form(site):
            before = _generation(folder, before, wanted, site, at)
            written = len(changed) + len(new)
        else:
            written = 0
        _sweep(folder, keep=before.path)
    lacking = [pk for pk, entry in before.decisions.items() if entry.get("lacks")]
    if lacking:
        raise Lacking(count=len(lacking), numbers="、".join(map(str, lacking[:20])))
    shown = sum(m.shown for m in wanted)
    return {"shown": shown, "gone": len(wanted) - shown, "generation": before.number, "written": written}


def remove(folder: Path) -> None:
    """Take a pack away: the link first, so that nobody is served from a torn one."""
    if not folder.is_symlink() and (folder.exists() or not _beside(folder)):
        return
    with _alone(folder):
        folder.unlink(missing_ok=True)
        _sweep(folder, keep=None)


def holds(folder: Path) -> dict[int, str]:
    """What the folder holds by its own bytes: disclosure → SHA-256 of its text. A page or file of a decision
    that is not as it was written, or is missing, makes its digest another."""
    found: dict[int, str] = {}
    before = _sound(folder) if folder.is_symlink() else None
    for pk, entry in (before.decisions if before is not None else {}).items():
        assert before is not None
        altered = [
            name for name, kept in entry["files"].items() if _digest(before.path / name) != kept["sha256"]
        ]
        text = entry["files"].get(f"decisions/{pk}.json")
        if text is not None:
            found[pk] = "altered" if altered else text["sha256"]
        elif altered:
            found[pk] = "altered"
    for stray in before.path.glob("decisions/*.json") if before is not None else ():
        pk = int(stray.stem) if stray.stem.isdigit() else 0
        found.setdefault(pk, _digest(stray))
    return found


# --- generations ------------------------------------------------------------------------------------------


class Before:
    """A generation as its manifest describes it."""

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        self.path = path
        self.number = int(manifest["generation"])
        self.form = str(manifest["form"])
        self.decisions: dict[int, dict[str, Any]] = {int(k): v for k, v in manifest["decisions"].items()}


def _sound(folder: Path) -> Before | None:
    """The generation in place; ``None`` where there is none, or none that can be read."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        path = folder.resolve(strict=True)
        if path not in _beside(folder):  # a link of another's making: what it leads to is not ours
            return None
        return Before(path, json.loads((path / MANIFEST).read_text("utf-8")))
    return None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    if folder.exists() and not folder.is_symlink():
        raise NotAPack(folder=folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f".{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AtWork from None
        yield


def _beside(folder: Path) -> list[Path]:
    """The generations of this pack. Another's name may begin like this one's: «site» and «site-2»."""
    ours = re.compile(rf"\.{re.escape(folder.name)}-[0-9]{{8,}}")
    with suppress(FileNotFoundError):
        return [path for path in folder.parent.resolve().iterdir() if ours.fullmatch(path.name)]
    return []


def _sweep(folder: Path, keep: Path | None) -> None:
    """Remove every generation but ``keep``: torn ones of runs that died, and the one before."""
    folder.with_name(f".{folder.name}-link").unlink(missing_ok=True)
    for other in _beside(folder):
        if other.is_symlink():
            other.unlink()
        elif keep is None or other != keep.resolve():
            shutil.rmtree(other)


def _generation(
    folder: Path, before: Before | None, marks: Sequence[PublicMark], site: str, at: datetime
) -> Before:
    """Build the next generation and put it in place."""
    number = before.number + 1 if before is not None else 1
    made = folder.parent / f".{folder.name}-{number:08d}"
    if made.exists():
        shutil.rmtree(made)
    (made / "decisions").mkdir(parents=True)
    form = _form(site)
    entries: dict[int, dict[str, Any]] = {}
    touched: set[str] = set()
    for mark in marks:
        month = f"{mark.published_on:%Y-%m}"
        old = before.decisions.get(mark.disclosure) if before is not None and before.form == form else None
        if before is not None and old is not None and _stands(mark, old, before):
            for name in old["files"]:
                _same(before.path / name, made / name)
            entries[mark.disclosure] = old
            continue
        entries[mark.disclosure] = _decision(made, mark, month)
        touched.add(month)
    if before is not None:
        touched |= {e["month"] for pk, e in before.decisions.items() if entries.get(pk) is not e}
    whole = before is None or before.form != form
    months = _months(made, before, entries, None if whole else touched)
    _index(made, entries, months, at)
    if site:
        _sitemap(made, site, entries)
    (made / "style.css").write_text(_style(), "utf-8")
    (made / "keys.txt").write_text(ledger.keys_text(), "utf-8")
    manifest = {
        "format": "mingzhi-pack/1",
        "generation": number,
        "made_at": canonical.plain(at),
        "form": form,
        "decisions": {str(pk): entry for pk, entry in entries.items()},
    }
    (made / MANIFEST).write_bytes(canonical.encode(manifest))
    os.sync()  # the whole generation is on the disk before anybody is sent to it
    link = folder.parent / f".{folder.name}-link"
    link.unlink(missing_ok=True)
    link.symlink_to(made.name)
    link.replace(folder)
    handle = os.open(folder.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    if before is not None:
        shutil.rmtree(before.path)
    return Before(made, manifest)


def _stands(mark: PublicMark, entry: dict[str, Any], before: Before | None) -> bool:
    """Whether what the generation before has of a decision is still right, and still as it was written."""
    if entry["mark"] != mark.mark or not entry["proved"] or entry.get("lacks") or before is None:
        return False
    try:
        return all((before.path / n).stat().st_size == kept["size"] for n, kept in entry["files"].items())
    except OSError:
        return False


def _same(old: Path, new: Path) -> None:
    try:
        os.link(old, new)
    except OSError:  # a file system without hard links
        shutil.copyfile(old, new)


@cache
def _sources() -> str:
    return "".join(get_template(name).template.source for name in TEMPLATES)  # type: ignore[attr-defined]


@cache
def _style() -> str:
    return "".join(Path(str(finders.find(name))).read_text("utf-8") for name in STYLES)


PROOFS = "2"
"""The form of the events that proofs tell of: those of the first named who published."""


def _form(site: str) -> str:
    """Changes when every page must be written anew: another look, other addresses, other proofs."""
    parts = (_sources(), _style(), site, settings.PUBLIC_URL, PROOFS)
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def _digest(path: Path) -> str:
    with suppress(OSError), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
    return "missing"


# --- pages ------------------------------------------------------------------------------------------------


def _decision(made: Path, mark: PublicMark, month: str) -> dict[str, Any]:
    """Everything of one decision; the line of the manifest that tells what was written."""
    decision = publication.public_decision(mark.disclosure)
    pk, gone = decision.id, not decision.content
    listed = decision.content.get("attachments", ())
    name, written = f"decisions/{pk}", []
    beside, lacks = [], 0
    for a in listed:
        href = f"{pk}-{a['sha256']}{_end(a['name'])}"
        try:
            stored = publication.public_file(pk, a["sha256"])
            shutil.copyfile(files.path(stored.id), made / "decisions" / href)
        except FileErased:  # by lawful order
            continue
        except (MingzhiError, OSError):  # nothing else waits for it, least of all what must go
            lacks += 1
            continue
        beside.append({"name": a["name"], "href": href})
        written.append(f"decisions/{href}")
    proved = True
    for end, proof in (
        ("tlog-proof", publication.public_bundle),
        ("receipt.tlog-proof", publication.public_receipt),
    ):
        try:
            (made / f"{name}.{end}").write_text(proof(pk), "utf-8")
            written.append(f"{name}.{end}")
        except NotFound:  # placed within a second: this decision is written once more then
            proved = False
        except LiveRowDiffers:  # an altered row has no proof any more; the rest of the pack goes on
            continue
    if not gone:
        (made / f"{name}.json").write_bytes(canonical.encode(decision.content))
        written.append(f"{name}.json")
    context = {"decision": decision, "row": decision.row, "gone": gone, "beside": beside}
    context |= {"bundle": f"{name}.tlog-proof" in written, "receipt": f"{name}.receipt.tlog-proof" in written}
    for language, end in LANGUAGES:
        _page(
            made / f"{name}{end}.html",
            "public/pack_decision.html",
            language,
            f"{pk}{{end}}.html",
            "../",
            context,
        )
        written.append(f"{name}{end}.html")
    kept = {n: {"sha256": _digest(made / n), "size": (made / n).stat().st_size} for n in written}
    return {
        "mark": mark.mark,
        "month": month,
        "shown": not gone,
        "proved": proved,
        "lacks": lacks,
        "files": kept,
    }


def _end(name: str) -> str:
    """The end of a file's name, where a file server shows such files and does not run them or what is in them."""
    end = Path(name).suffix.lower()
    return end if end in HARMLESS else ""


def _months(
    made: Path, before: Before | None, entries: dict[int, dict[str, Any]], touched: set[str] | None
) -> list[dict[str, Any]]:
    """A list for every month in which something on show was published; only touched ones are written anew."""
    by_month: dict[str, list[int]] = {}
    for pk, entry in entries.items():
        if entry["shown"]:
            by_month.setdefault(entry["month"], []).append(pk)
    told = []
    for month in sorted(by_month, reverse=True):
        ids = by_month[month]
        last = -(-len(ids) // PER_PAGE)
        told.append({"name": month, "count": len(ids)})
        pages = [(n, f"{month}{'' if n == 1 else f'-{n}'}") for n in range(1, last + 1)]
        if before is not None and touched is not None and month not in touched:
            for _, name in pages:
                for _, end in LANGUAGES:
                    _same(before.path / f"{name}{end}.html", made / f"{name}{end}.html")
            continue
        rows = publication.feed.rows_of(ids)
        for n, name in pages:
            context = {
                "rows": rows[(n - 1) * PER_PAGE : n * PER_PAGE], "heading": month, "number": n, "last": last,
                "earlier": f"{month}-{n + 1}", "later": month if n == 2 else f"{month}-{n - 1}",
            }  # fmt: skip
            for language, end in LANGUAGES:
                _page(
                    made / f"{name}{end}.html",
                    "public/pack_list.html",
                    language,
                    f"{name}{{end}}.html",
                    "",
                    context,
                )
    return told


def _index(
    made: Path, entries: dict[int, dict[str, Any]], months: list[dict[str, Any]], at: datetime
) -> None:
    """The first page: the newest, and the way to every month."""
    newest: list[int] = []
    for month in months:
        newest += [pk for pk, entry in entries.items() if entry["shown"] and entry["month"] == month["name"]]
        if len(newest) >= NEWEST:
            break
    context = {
        "rows": publication.feed.rows_of(newest)[:NEWEST],
        "months": months,
        "made_at": at,
        "total": sum(e["shown"] for e in entries.values()),
    }
    for language, end in LANGUAGES:
        _page(made / f"index{end}.html", "public/pack_list.html", language, "index{end}.html", "", context)


def _page(  # noqa: PLR0917 — a page is these six things
    path: Path, template: str, language: str, name: str, up: str, context: dict[str, Any]
) -> None:
    """``name`` tells what the page is called in each language (``{end}``); ``up`` leads to the first page."""
    end = dict(LANGUAGES)[language]
    others = [
        (code, label, name.format(end=dict(LANGUAGES)[code]))
        for code, label in settings.LANGUAGES
        if code != language and code in dict(LANGUAGES)
    ]
    with translation.override(language):
        text = render_to_string(
            template,
            {
                **context,
                "site": settings.PUBLIC_URL,
                "up": up,
                "end": end,
                "others": others,
                "language": language,
            },
        )
    path.write_text(text, "utf-8")


def _sitemap(made: Path, site: str, entries: dict[int, dict[str, Any]]) -> None:
    """Addresses of what is on show, in sitemaps of at most fifty thousand each, and their index."""
    base = escape(site.rstrip("/"))
    shown = [pk for pk, entry in entries.items() if entry["shown"]]
    names = []
    for n, start in enumerate(range(0, max(len(shown), 1), MOST_IN_SITEMAP), start=1):
        lines = [
            f"<url><loc>{base}/decisions/{pk}.html</loc></url>"
            for pk in shown[start : start + MOST_IN_SITEMAP]
        ]
        if n == 1:
            lines.insert(0, f"<url><loc>{base}/</loc></url>")
        names.append(f"sitemap-{n}.xml")
        _xml(made / names[-1], "urlset", lines)
    _xml(made / "sitemap.xml", "sitemapindex", [f"<sitemap><loc>{base}/{n}</loc></sitemap>" for n in names])


def _xml(path: Path, root: str, lines: list[str]) -> None:
    inside = "\n".join(lines)
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{inside}\n</{root}>\n',
        "utf-8",
    )
