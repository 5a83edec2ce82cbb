"""Norms: numbers and short lists of the law, dated and cited, read once from YAML. No database, no Django.

``rules/national/penalty/term.payment.yaml`` is the norm ``penalty.term.payment``. A body's profile
names its overlays in order, nearest first; the first overlay with a value on the day answers.
docs/algorithms/norms.md has the file format and the resolution rule.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import yaml

from mingzhi.catalogue.data import Citation, Norm, Profile
from mingzhi.catalogue.errors import NormNotInForce, NormNotSet, RulesBroken, UnknownNorm, UnknownProfile
from mingzhi.catalogue.frozen import freeze
from mingzhi.deadlines.data import Term

HERE = Path(__file__).parent
RULES = HERE / "rules"
PROFILES = HERE / "profiles"
TERM_UNITS = frozenset({"WD", "CD", "H", "M", "Y"})
UNITS = TERM_UNITS | {"fen", "permille", "count", "bool", "text", "list", "date"}
STRICTER = frozenset({"smaller", "larger", "none"})
_KEYS = frozenset(
    {
        "description",
        "id",
        "unit",
        "stricter",
        "values",
        "reference",
        "unconfirmed",
        "attributes",
        "note",
        "verified_on",
    }
)
_REQUIRED = ("description", "unit", "stricter", "values", "reference", "verified_on")
_TERM_TEXT = re.compile(r"(\d+)(WD|CD|H|M|Y)")
_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_YAML: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class HasProfile(Protocol):
    """Whatever names a profile: ``organisations.data.BodyRef`` does."""

    @property
    def profile(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Source:
    """One YAML file, checked: dates ascending, one value, unit and citation list per date."""

    name: str
    level: str
    path: str
    stricter: str
    dates: tuple[date, ...]
    norms: tuple[Norm, ...]
    looser_allowed: tuple[bool, ...]

    def on(self, day: date) -> Norm | None:
        place = bisect_right(self.dates, day)
        return self.norms[place - 1] if place else None


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All sources of a rules folder and the profiles that order them."""

    sources: Mapping[tuple[str, str], Source]  # (level, name)
    profiles: Mapping[str, Profile]
    names: frozenset[str]
    ids: Mapping[str, str]

    def profile(self, key: str) -> Profile:
        try:
            return self.profiles[key]
        except KeyError:
            raise UnknownProfile(profile=key, known="、".join(sorted(self.profiles))) from None

    def find(self, name: str, profile: str, day: date) -> Norm:
        """The value in force: bureau, then city, province, nation. An empty profile reads the nation's."""
        chain = self.profile(profile).overlays if profile else ("national",)
        first: date | None = None
        known: Norm | None = None
        for level in chain:
            source = self.sources.get((level, name))
            if source is None:
                continue
            found = source.on(day)
            if found is not None:
                return found
            known = source.norms[0]
            first = min(filter(None, (first, source.dates[0])))
        if known is None:
            raise UnknownNorm(name=name)
        raise NormNotInForce(description=known.description, name=name, on=day.isoformat(), first=first)


def _broken(path: str, key: str, why: str) -> RulesBroken:
    return RulesBroken(file=path, key=key, why=why)


def _read(path: Path, shown: str) -> dict[str, Any]:
    raw = path.read_text(encoding="utf-8")
    try:
        doc = yaml.load(raw, Loader=_YAML)  # noqa: S506 — the safe loader, in C where there is one
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"第{mark.line + 1}行" if mark else "全文"
        raise _broken(shown, where, "不是正确的 YAML 写法，请检查缩进和冒号") from None
    if not isinstance(doc, dict):
        raise _broken(shown, "全文", "应为键值形式")
    return doc


def _citation(entry: Any, documents: Mapping[str, str], shown: str, key: str) -> Citation:
    if not isinstance(entry, dict) or not (entry.get("title") or entry.get("seed")):
        raise _broken(shown, key, "依据应写明法律名称（title）和条文（article），或者单位文件条款（seed）")
    if seed := entry.get("seed"):
        code, _, clause = str(seed).partition(" ")
        if code not in documents or not clause:
            raise _broken(shown, key, f"单位文件标记“{seed}”不在任何单位方案中，或者缺少条款")
        return Citation(documents[code], clause, str(seed))
    return Citation(str(entry["title"]), str(entry.get("article", "")))


def _plain_value(value: Any, unit: str, shown: str, key: str) -> tuple[Any, str]:
    """The value and its unit; a term may write its own unit (``3CD``) where an older law counted otherwise."""
    if value is None:
        return None, unit
    if unit in TERM_UNITS and isinstance(value, str) and (match := _TERM_TEXT.fullmatch(value)):
        return int(match[1]), match[2]
    wanted: type = {
        "bool": bool,
        "text": str,
        "date": str,
        "list": list,
    }.get(unit, int)
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise _broken(shown, key, f"值“{value}”与单位“{unit}”不符")
    if unit == "date" and not _MONTH_DAY.fullmatch(str(value)):
        raise _broken(shown, key, f"日期“{value}”应写成 月月-日日，如 01-31")
    if isinstance(value, int) and value < 0:
        raise _broken(shown, key, "值不能为负数")
    if unit in TERM_UNITS and value == 0:
        raise _broken(shown, key, "期限应大于零")
    return freeze(value), unit


def _days(mapping: Any, shown: str, key: str) -> dict[date, Any]:
    if not isinstance(mapping, dict) or not mapping:
        raise _broken(shown, key, "至少应有一个“日期: 内容”")
    for day in mapping:
        if not isinstance(day, date):
            raise _broken(shown, f"{key}.{day}", "键应为日期，如 2021-07-15")
    return mapping


def _check_head(doc: dict[str, Any], shown: str) -> None:
    for key in _REQUIRED:
        if key not in doc:
            raise _broken(shown, key, "缺少此项")
    for key in doc:
        if key not in _KEYS:
            raise _broken(shown, str(key), f"不认识的项；可用：{'、'.join(sorted(_KEYS))}")
    unit, stricter = doc["unit"], doc["stricter"]
    if unit not in UNITS:
        raise _broken(shown, "unit", f"单位“{unit}”不在 {'、'.join(sorted(UNITS))} 之中")
    if stricter not in STRICTER:
        raise _broken(shown, "stricter", "只能是 smaller、larger 或 none")
    if not isinstance(doc["verified_on"], date):
        raise _broken(shown, "verified_on", "应为核对日期，如 2026-01-31")


def parse(doc: dict[str, Any], *, name: str, level: str, shown: str, documents: Mapping[str, str]) -> Source:
    """A checked source. A value without citation is refused, naming file and key."""
    _check_head(doc, shown)
    unit, stricter = doc["unit"], doc["stricter"]
    values = _days(doc["values"], shown, "values")
    reference = doc["reference"] if isinstance(doc["reference"], dict) else {}
    unconfirmed = doc.get("unconfirmed") or []
    if not isinstance(unconfirmed, list):
        raise _broken(shown, "unconfirmed", "应为日期列表")
    norms, looser = [], []
    for day in sorted(values):
        entries = reference.get(day)
        if not isinstance(entries, list) or not entries:
            raise _broken(
                shown, f"reference.{day}", "该日期的值没有依据；每一个值都须注明法律条文或者单位文件条款"
            )
        cites = tuple(_citation(e, documents, shown, f"reference.{day}") for e in entries)
        value, own_unit = _plain_value(values[day], unit, shown, f"values.{day}")
        stamp = hashlib.sha256(f"{level}|{name}|{day}|{values[day]!r}|{cites!r}".encode()).hexdigest()[:16]
        norms.append(
            Norm(
                name=name,
                value=value,
                unit=own_unit,
                citations=cites,
                level=level,
                version=stamp,
                description=str(doc["description"]),
                id=str(doc.get("id", "")),
                since=day,
                unconfirmed=day in unconfirmed,
                attributes=freeze(doc.get("attributes") or {}),
                note=str(doc.get("note", "")),
            )
        )
        looser.append(any(isinstance(e, dict) and e.get("allows_looser") for e in entries))
    for day in reference:
        if day not in values:
            raise _broken(shown, f"reference.{day}", "有依据而没有对应日期的值")
    for day in unconfirmed:
        if day not in values:
            raise _broken(shown, "unconfirmed", f"{day} 没有对应的值")
    return Source(name, level, shown, stricter, tuple(sorted(values)), tuple(norms), tuple(looser))


def _profile(doc: dict[str, Any], shown: str, key: str) -> Profile:
    for need in ("name", "field", "region_code", "overlays", "document", "review_unit"):
        if not doc.get(need):
            raise _broken(shown, need, "缺少此项")
    if doc["field"] not in {"transport", "urban", "water"}:
        raise _broken(shown, "field", "只能是 transport、urban 或 water")
    return Profile(
        key=key,
        name=doc["name"],
        short_name=doc.get("short_name", doc["name"]),
        field=doc["field"],
        region_code=str(doc["region_code"]),
        region_name=doc.get("region_name", ""),
        level=doc.get("level", "county"),
        superior=doc.get("superior", ""),
        review_unit=doc["review_unit"],
        supervisor=doc.get("supervisor", ""),
        number_word=doc.get("number_word", ""),
        document_title=doc["document"]["title"],
        document_dated=str(doc["document"].get("dated") or ""),
        overlays=tuple(doc["overlays"]),
    )


def load(rules: Path = RULES, profiles: Path = PROFILES) -> RuleBook:
    """The rule book of a folder; the first broken file raises ``RulesBroken`` naming file and key."""
    book, problems = examine(rules, profiles)
    if problems:
        raise problems[0]
    return book


def examine(rules: Path = RULES, profiles: Path = PROFILES) -> tuple[RuleBook, list[RulesBroken]]:
    """The rule book and every problem found, for ``mingzhi rules check``."""
    problems: list[RulesBroken] = []
    found: dict[str, Profile] = {}
    documents: dict[str, str] = {}
    for path in sorted(profiles.glob("*.yaml")):
        shown = f"profiles/{path.name}"
        try:
            doc = _read(path, shown)
            profile = _profile(doc, shown, path.stem)
            documents[str(doc["document"]["code"])] = profile.document_title
            found[path.stem] = profile
        except RulesBroken as error:
            problems.append(error)
        except (KeyError, TypeError):
            problems.append(_broken(shown, "document", "应有 code 和 title"))
    sources: dict[tuple[str, str], Source] = {}
    ids: dict[str, str] = {}
    levels: set[str] = set()
    for path in sorted(rules.rglob("*.yaml")):
        parts = path.relative_to(rules).parts
        depth = 1 if parts[0] == "national" else 2
        level, shown = "/".join(parts[:depth]), "/".join(("rules", *parts))
        name = ".".join((*parts[depth:-1], path.stem))
        levels.add(level)
        try:
            source = parse(_read(path, shown), name=name, level=level, shown=shown, documents=documents)
        except RulesBroken as error:
            problems.append(error)
            continue
        sources[level, name] = source
        number = source.norms[0].id
        if number and ids.setdefault(number, name) != name:
            problems.append(_broken(shown, "id", f"编号 {number} 已由 {ids[number]} 使用"))
    for key, profile in found.items():
        for level in profile.overlays:
            if level not in levels:
                problems.append(_broken(f"profiles/{key}.yaml", "overlays", f"没有“{level}”这一层规则"))
        if profile.overlays[-1] != "national":
            problems.append(_broken(f"profiles/{key}.yaml", "overlays", "最后一层应为 national"))
        problems.extend(_looser(key, profile.overlays, sources))
    return RuleBook(sources, found, frozenset(name for _, name in sources), ids), problems


def _looser(
    key: str, chain: tuple[str, ...], sources: Mapping[tuple[str, str], Source]
) -> Iterable[RulesBroken]:
    """Lower levels may only tighten a rule that says which way is stricter, unless a citation allows more."""
    for place, level in enumerate(chain[:-1]):
        for (own, name), source in sources.items():
            if own != level:
                continue
            for norm, allowed in zip(source.norms, source.looser_allowed, strict=True):
                above = _above(name, chain[place + 1 :], sources, norm.since)
                if above is None or allowed:
                    continue
                upper, direction = above
                if direction == "none" or upper.value is None or norm.value is None:
                    continue
                if norm.unit != upper.unit:
                    yield _broken(
                        source.path, "unit", f"与上级规则的单位“{upper.unit}”不同，须注明许可从宽的依据"
                    )
                elif (direction == "smaller" and norm.value > upper.value) or (
                    direction == "larger" and norm.value < upper.value
                ):
                    yield _broken(
                        source.path,
                        f"values.{norm.since}",
                        f"{norm.value} 比上级规则 {upper.value} 宽；下级只能从严，确有依据的请在 reference 注明 allows_looser",
                    )


def _above(
    name: str, chain: tuple[str, ...], sources: Mapping[tuple[str, str], Source], day: date | None
) -> tuple[Norm, str] | None:
    for level in chain:
        source = sources.get((level, name))
        if source is not None and day is not None and (norm := source.on(day)) is not None:
            return norm, source.stricter
    return None


@cache
def book() -> RuleBook:
    """The shipped rule book, read once per process."""
    return load()


_found: dict[tuple[str, str, date], Norm] = {}
_FOUND_LIMIT = 200_000
GUIDANCE = "《国务院办公厅关于全面推行行政执法公示制度执法全过程记录制度重大执法决定法制审核制度的指导意见》（国办发〔2018〕118号）"


def norm(name: str, *, body: HasProfile | str | None, on: date) -> Norm:
    """The norm ``name`` for ``body`` on ``on`` (``body`` may be a profile key; None reads the national level).

    Raises ``UnknownNorm``, ``NormNotInForce``, ``UnknownProfile``. The value may be None: not confirmed.
    """
    profile = body if isinstance(body, str) else (body.profile if body is not None else "")
    key = (name, profile, on)
    hit = _found.get(key)
    if hit is None:
        hit = _own_citations(book().find(name, profile, on), profile)
        if len(_found) >= _FOUND_LIMIT:
            _found.clear()
        _found[key] = hit
    return hit


def _own_citations(found: Norm, profile: str) -> Norm:
    """``found`` as this body may cite it: its own document and the law, never another bureau's document.

    Where only other bureaus' documents stand behind a value, the guidance that all of them carry out
    is named instead, without an article.
    """
    if not profile or not any(c.seed for c in found.citations):
        return found
    own = book().profile(profile).document_title
    kept = tuple(c for c in found.citations if not c.seed or c.title == own)
    return replace(found, citations=kept or (Citation(GUIDANCE),))


def norm_by_id(number: str, *, body: HasProfile | str | None, on: date) -> Norm:
    """The norm with the rule-book number ``number`` (``PEN-03``, ``REV-01`` …)."""
    try:
        name = book().ids[number]
    except KeyError:
        raise UnknownNorm(name=number) from None
    return norm(name, body=body, on=on)


def as_term(found: Norm) -> Term:
    """``found`` as a term for ``deadlines``. ``NormNotSet`` where nobody has confirmed a length."""
    if found.unit not in TERM_UNITS:
        raise UnknownNorm(f"规则“{found.name}”不是期限", name=found.name)
    if found.value is None:
        raise NormNotSet(description=found.description, name=found.name)
    return Term(
        found.value,
        found.unit,  # type: ignore[arg-type]
        roll=bool(found.attributes.get("roll", True)),
        norm=found.name,
        norm_version=found.version,
    )


def term(name: str, *, body: HasProfile | str | None, on: date) -> Term:
    """The norm ``name`` as a term."""
    return as_term(norm(name, body=body, on=on))


def norms_in_profile(body: HasProfile | str, *, on: date) -> tuple[Norm, ...]:
    """Every norm in force for a body on a day, by name; the nation's for a body without a profile."""
    key = body if isinstance(body, str) else body.profile
    out = []
    levels = frozenset(book().profile(key).overlays if key else ("national",))
    for name in sorted({n for level, n in book().sources if level in levels}):
        try:
            out.append(norm(name, body=key, on=on))
        except NormNotInForce:
            continue
    return tuple(out)


def profile(key: str) -> Profile:
    """The profile ``key``; an unknown key is refused with the list of known ones."""
    return book().profile(key)


def field_of(body: HasProfile) -> str:
    """The field of law of a body (transport, urban, water); empty for one without a profile."""
    return profile(body.profile).field if body.profile else ""


def profiles() -> tuple[Profile, ...]:
    return tuple(book().profiles[key] for key in sorted(book().profiles))
