"""Law texts in the database: import by file, and the article in force on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from mingzhi.catalogue import lawtext
from mingzhi.catalogue.choices import LawStatus
from mingzhi.catalogue.data import ArticleView, LawView
from mingzhi.catalogue.errors import BadList
from mingzhi.catalogue.models import Article, Law

MAX_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Imported:
    """What one file gave: ``outcome`` is new, changed or unchanged; ``warnings`` name lines."""

    file: str
    title: str
    version: str
    outcome: str
    articles: int
    warnings: tuple[str, ...] = field(default=())


def files_of(path: Path) -> list[Path]:
    """The Markdown files of a folder in name order, or the file itself; ``BadList`` when there is none."""
    if path.is_file():
        return [path]
    found = sorted(p for p in path.rglob("*.md") if p.is_file()) if path.is_dir() else []
    if not found:
        raise BadList(
            why=f"“{path.name}”不是法律文件，其中也没有 .md 文件",
            remedy="请给出 Markdown 格式的法律文件或者文件夹",
        )
    return found


def law_import(*, path: Path, on: date) -> Imported:
    """Read one file and store it by article. The same text again changes nothing.

    ``on`` decides which versions count as in force. ``BadList`` when it is no UTF-8 text.
    """
    raw = path.read_bytes()
    if len(raw) > MAX_BYTES:
        raise BadList(why=f"{path.name} 超过 20 MB，不像法律文本")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadList(why=f"{path.name} 不是 UTF-8 文本", remedy="请另存为 UTF-8 编码后再导入") from None
    return law_store(lawtext.read(text, path.stem), on=on)


def law_store(read: lawtext.LawText, *, on: date) -> Imported:
    """Store a law as read, replacing the same version; versions of one law hand over by day."""
    short = lawtext.short_title(read.title)
    with transaction.atomic():
        law = Law.objects.select_for_update().filter(short_title=short, version=read.version).first()
        outcome = "new" if law is None else "changed"
        if law is not None and law.source_digest == read.digest:
            count = law.articles.count()
            return Imported(
                read.source_name, read.title, read.version, "unchanged", count, tuple(read.warnings)
            )
        law = law or Law(short_title=short, version=read.version)
        law.title = read.title
        law.version_date = read.version_date
        law.in_force_from = read.in_force_from
        law.history = read.history
        law.source_name = read.source_name[:200]
        law.source_digest = read.digest
        law.save()
        law.articles.all().delete()
        Article.objects.bulk_create(
            (
                Article(
                    law=law, number=p.number, sub=p.sub, chapter=p.chapter[:200], text=p.text, order=place
                )
                for place, p in enumerate(read.passages, start=1)
            ),
            batch_size=200,
        )
        _hand_over(short, on)
    return Imported(
        read.source_name, read.title, read.version, outcome, len(read.passages), tuple(read.warnings)
    )


def _hand_over(short: str, on: date) -> None:
    """Each version ends on the day the next one begins."""
    versions = list(Law.objects.filter(short_title=short))
    versions.sort(key=lambda law: law.in_force_from or date.min)
    for place, law in enumerate(versions):
        later = versions[place + 1].in_force_from if place + 1 < len(versions) else None
        if later is not None and law.in_force_from is not None and later <= law.in_force_from:
            later = law.in_force_from + timedelta(days=1)
        status = LawStatus.IN_FORCE
        if later is not None and later <= on:
            status = LawStatus.REPLACED
        elif law.in_force_from is not None and law.in_force_from > on:
            status = LawStatus.NOT_YET
        if (law.in_force_to, law.status) != (later, status):
            law.in_force_to, law.status = later, status
            law.save(update_fields=["in_force_to", "status"])


def _version(title: str, on: date) -> Law | None:
    """The version of a law in force on a day."""
    versions = Law.objects.filter(short_title=lawtext.short_title(title))
    return (
        versions.filter(Q(in_force_from__lte=on) | Q(in_force_from__isnull=True))
        .filter(Q(in_force_to__isnull=True) | Q(in_force_to__gt=on))
        .order_by("-in_force_from")
        .first()
    )


def article(law: str, number: int, on: date, *, sub: int = 0) -> ArticleView | None:
    """Article ``number`` of the law as in force on ``on``; None when that text is not in the library."""
    version = _version(law, on)
    if version is None:
        return None
    row = version.articles.filter(number=number, sub=sub).first()
    return _view(row, version) if row else None


def resolve(citation: str, on: date) -> ArticleView | None:
    """The article that a citation such as ``《公路法》第七十六条第一项`` means on a day."""
    ref = lawtext.parse_citation(citation)
    return article(ref.title, ref.number, on, sub=ref.sub)


def _view(row: Article, law: Law) -> ArticleView:
    return ArticleView(
        id=row.pk,
        law_id=law.pk,
        law=law.title,
        number=row.number,
        sub=row.sub,
        chapter=row.chapter,
        text=row.text,
        heading=lawtext.article_heading(row.number, row.sub),
    )


def article_search(words: str, *, on: date | None = None, limit: int = 50) -> tuple[ArticleView, ...]:
    """Articles whose text has every word; with ``on`` only versions in force that day."""
    parts = words.split()
    if not parts:
        return ()
    rows = Article.objects.select_related("law").order_by("law__short_title", "order")
    for part in parts:
        rows = rows.filter(text__contains=part)
    if on is not None:
        rows = rows.filter(Q(law__in_force_from__lte=on) | Q(law__in_force_from__isnull=True)).filter(
            Q(law__in_force_to__isnull=True) | Q(law__in_force_to__gt=on)
        )
    return tuple(_view(row, row.law) for row in rows[: max(1, min(limit, 500))])


def laws(query: str = "") -> tuple[LawView, ...]:
    """Stored versions, by title."""
    rows: Iterable[Law] = Law.objects.filter(title__contains=query.strip()).order_by(
        "short_title", "in_force_from"
    )
    return tuple(
        LawView(
            row.pk,
            row.title,
            row.short_title,
            row.version_date,
            row.in_force_from,
            row.in_force_to,
            row.status,
            row.articles.count(),
        )
        for row in rows
    )


def law_articles(law_id: int) -> tuple[ArticleView, ...]:
    """All articles of one version, in order; empty when there is none."""
    law = Law.objects.filter(pk=law_id).first()
    return tuple(_view(row, law) for row in law.articles.order_by("order")) if law else ()
