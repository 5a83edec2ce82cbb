"""总体情况说明: a draft from the figures, in the words such reports use; a person edits it before freezing."""

from __future__ import annotations

from collections.abc import Mapping

from mingzhi.supervision import layout, words
from mingzhi.supervision.data import Figures

_KINDS = [c for c in layout.TABLES[0].columns if not c.sum_of_others and not c.money]


def draft(
    name: str,
    found: Figures,
    *,
    in_wan: bool,
    before: Figures | None = None,
    disclosed: tuple[int, int, int] | None = None,
) -> str:
    """``before`` is last year's report; ``disclosed`` (due, public in time, public late) of the year."""
    parts = [
        _penalty(name, found, before, in_wan),
        _review(found),
        _disclosure(found.year, disclosed),
        _others(found, in_wan),
        _people(found),
    ]
    heads = ("一", "二", "三", "四", "五")
    told = [p for p in parts if p is not None]
    return "\n\n".join(
        f"{number}、{title}\n{text}" for number, (title, text) in zip(heads, told, strict=False)
    )


def _n(found: Figures, table: str, column: str) -> int:
    return found.total[table][column] or 0


def _money(fen: int, in_wan: bool) -> str:
    return words.amount(fen, in_wan=in_wan) + (" 万元" if in_wan else " 元")


def _against(now: int, before: int, unit: str) -> str:
    """``比上年增加 3 宗，增长 25.0%``."""
    if now == before:
        return "与上年持平"
    more = now > before
    text = f"比上年{'增加' if more else '减少'} {abs(now - before)} {unit}"
    return text + (
        f"，{'增长' if more else '下降'} {words.share(abs(now - before), before)}" if before else ""
    )


def _penalty(name: str, found: Figures, before: Figures | None, in_wan: bool) -> tuple[str, str]:
    decided, fen = _n(found, "penalty", "total"), _n(found, "penalty", "amount")
    filed, closed, spared = (_n(found, "handling", c) for c in ("filed", "closed", "spared"))
    text = f"{found.year} 年，{name}立案查处行政处罚案件 {filed} 件，结案 {closed} 件；"
    if not decided:
        return "行政处罚情况", text + "全年未作出行政处罚决定。"
    compare = f"（{_against(decided, _n(before, 'penalty', 'total'), '宗')}）" if before is not None else ""
    text += (
        f"作出行政处罚决定 {decided} 宗{compare}，其中适用简易程序 {_n(found, 'handling', 'summary')} 宗、"
        f"普通程序 {_n(found, 'handling', 'ordinary')} 宗，罚没金额 {_money(fen, in_wan)}。"
    )
    kinds = sorted(((_n(found, "penalty", c.code), c.title) for c in _KINDS), key=lambda k: -k[0])
    named = [f"{title} {n} 宗" for n, title in kinds if n]
    text += f"按最重的处罚种类统计，{'、'.join(named)}。"
    lenient = _n(found, "handling", "lenient")
    if lenient or spared:
        soft = [f"从轻、减轻处罚 {lenient} 件"] if lenient else []
        soft += [f"不予处罚 {spared} 件"] if spared else []
        text += f"落实包容审慎监管要求，依法{'、'.join(soft)}。"
    crime = _n(found, "handling", "transferred.crime")
    if crime:
        text += f"向司法机关移送涉嫌犯罪案件 {crime} 件。"
    return "行政处罚情况", text


def _review(found: Figures) -> tuple[str, str]:
    reviewed, problems = _n(found, "review", "reviewed"), _n(found, "review", "review_problem")
    text = (
        f"全年法制审核 {reviewed} 件，其中提出问题并予纠正 {problems} 件，占 {words.share(problems, reviewed)}。"
        if reviewed
        else "全年法制审核 0 件。"
    )
    asked, sued = _n(found, "review", "remedy.reconsideration"), _n(found, "review", "remedy.court")
    if not asked and not sued:
        return "法制审核和行政复议、行政诉讼情况", text + "未发生被申请行政复议、被提起行政诉讼案件。"
    wrong, lost = _n(found, "review", "annulled.reconsideration"), _n(found, "review", "annulled.court")
    told = []
    if asked:
        told.append(f"被申请行政复议 {asked} 件，复议纠错 {wrong} 件，纠错率 {words.share(wrong, asked)}")
    if sued:
        told.append(f"被提起行政诉讼 {sued} 件，败诉 {lost} 件，败诉率 {words.share(lost, sued)}")
    return "法制审核和行政复议、行政诉讼情况", text + "；".join(told) + "。"


def _disclosure(year: int, disclosed: tuple[int, int, int] | None) -> tuple[str, str] | None:
    if disclosed is None or not disclosed[0]:
        return None
    due, in_time, late = disclosed
    return (
        "行政执法公示情况",
        f"{year} 年到期应当公示的行政执法决定 {due} 件，已公示 {in_time + late} 件，公示率 {words.share(in_time + late, due)}；"
        f"其中按期公示 {in_time} 件，按期率 {words.share(in_time, due)}。",
    )


def _others(found: Figures, in_wan: bool) -> tuple[str, str] | None:
    told = []
    for table in layout.TABLES:
        if not table.supplemented or table.code == "satisfaction":
            continue
        values: Mapping[str, int | None] = found.total[table.code]
        named = [
            f"{c.title} {_money(values[c.code] or 0, in_wan) if c.money else f'{values[c.code]} {c.unit}'}"
            for c in table.columns
            if values[c.code] and not c.sum_of_others
        ]
        if named:
            told.append("、".join(named))
    if not told:
        return None
    return "其他行政执法行为情况", "全年" + "；".join(told) + "。" + _reported(found, in_wan)


def _reported(found: Figures, in_wan: bool) -> str:
    """What of it this system did not count itself."""
    told = []
    for table in layout.TABLES:
        own = (found.typed or {}).get(table.code, {})
        if table.supplemented and table.code != "satisfaction":
            told += [
                f"{c.title} {_money(own[c.code], in_wan) if c.money else f'{own[c.code]} {c.unit}'}"
                for c in table.columns
                if c.code in own and not c.sum_of_others
            ]
    return f"其中由承办机构补报、在本系统以外办理的有{'、'.join(told)}。" if told else ""


def _people(found: Figures) -> tuple[str, str]:
    text = (
        f"截至统计时点，共有行政执法人员 {found.officers} 名，持有效行政执法证件 {found.certified} 名，"
        f"持证率 {words.share(found.certified, found.officers)}。"
        if found.officers
        else "执法人员名录尚未登记。"
    )
    asked, content = _n(found, "satisfaction", "survey.asked"), _n(found, "satisfaction", "survey.satisfied")
    if asked:
        text += f"开展行政执法社会满意度调查，收回有效问卷 {asked} 份，评价满意 {content} 份，满意度 {words.share(content, asked)}。"
    return "执法队伍和社会评价情况", text
