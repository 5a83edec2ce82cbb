"""The desk's left rail: which rooms a person may enter, in the order of the working day."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, gettext_noop

from mingzhi.organisations.choices import Role
from mingzhi.organisations.permissions import Permission as P


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the rail. ``name`` is the URL name; shown when the person has any of ``needs``, or one of
    ``roles`` where what a role may see is its own and needs no permission."""

    key: str
    label: str
    name: str
    icon: str
    group: str
    needs: frozenset[P] = frozenset()
    roles: frozenset[Role] = frozenset()
    url: str = ""
    here: bool = False


_CASE = frozenset({P.CASE_READ, P.CASE_ACT, P.CASE_APPROVE, P.CASE_UNIT_CHECK, P.SUPERVISE_READ})
_REVIEW = frozenset({P.REVIEW_ASSIGN, P.REVIEW_OPINE, P.CASE_DEPUTY_APPROVE})
_DISCLOSE = frozenset({P.DISCLOSURE_COLLECT, P.DISCLOSURE_CHECK, P.DISCLOSURE_PUBLISH})

ENTRIES = (
    Entry("home", gettext_noop("工作台"), "desk:home", "home", gettext_noop("办理")),
    Entry("clues", gettext_noop("线索"), "desk:clues", "inbox", gettext_noop("办理"), _CASE),
    Entry(
        "intakes",
        gettext_noop("公众来件"),
        "desk:intakes",
        "inbox",
        gettext_noop("办理"),
        frozenset(
            {
                P.CASE_APPROVE,
                P.CASE_DEPUTY_APPROVE,
                P.DISCLOSURE_COLLECT,
                P.INTAKE_HANDLE,
                P.INTAKE_MANAGE,
                P.SUPERVISE_READ,
            }
        ),
    ),
    Entry("cases", gettext_noop("案件"), "desk:cases", "folder", gettext_noop("办理"), _CASE),
    Entry(
        "recordings",
        gettext_noop("音像记录"),
        "desk:recordings",
        "camera",
        gettext_noop("办理"),
        _CASE | {P.DEVICE_MANAGE, P.STATISTICS_READ},
    ),
    Entry("parties", gettext_noop("当事人"), "desk:parties", "people", gettext_noop("办理"), _CASE),
    Entry("access", gettext_noop("调阅"), "desk:access", "search", gettext_noop("办理"), _CASE),
    Entry(
        "field",
        gettext_noop("现场执法"),
        "field:home",
        "badge",
        gettext_noop("办理"),
        frozenset({P.CASE_ACT}),
    ),
    Entry(
        "field_waiting",
        gettext_noop("现场提交"),
        "field:conflicts",
        "inbox",
        gettext_noop("办理"),
        frozenset({P.CASE_UNIT_CHECK}),
    ),
    Entry(
        "inspections",
        gettext_noop("双随机抽查"),
        "desk:inspections",
        "list",
        gettext_noop("办理"),
        frozenset({P.CASE_ACT, P.DRAW_MAKE, P.CASE_DEPUTY_APPROVE, P.SUPERVISE_READ}),
    ),
    Entry("review", gettext_noop("法制审核"), "desk:review", "scale", gettext_noop("办理"), _REVIEW),
    Entry(
        "advice",
        gettext_noop("法律咨询"),
        "desk:review_advice_mine",
        "scale",
        gettext_noop("办理"),
        roles=frozenset({Role.ADVISER}),
    ),
    Entry("matters", gettext_noop("送审事项"), "desk:review_matters", "paper", gettext_noop("办理"), _CASE),
    Entry(
        "deliberations",
        gettext_noop("听证与集体讨论"),
        "desk:deliberations",
        "people",
        gettext_noop("办理"),
        frozenset({P.HEARING_HOST, P.DISCUSSION_RECORD, P.CASE_APPROVE}),
    ),
    Entry(
        "disclosure",
        gettext_noop("执法公示"),
        "desk:disclosure",
        "megaphone",
        gettext_noop("公开"),
        _DISCLOSE,
    ),
    Entry(
        "channels",
        gettext_noop("公示渠道"),
        "desk:channels",
        "megaphone",
        gettext_noop("公开"),
        _DISCLOSE | {P.CONFIG_MANAGE},
    ),
    Entry(
        "archive",
        gettext_noop("案卷归档"),
        "desk:archive",
        "archive",
        gettext_noop("公开"),
        frozenset({P.DOSSIER_ARCHIVE, P.CASE_APPROVE, P.CASE_DEPUTY_APPROVE}),
    ),
    Entry(
        "statistics",
        gettext_noop("监督统计"),
        "desk:statistics",
        "chart",
        gettext_noop("监督"),
        frozenset({P.STATISTICS_READ, P.SUPERVISE_READ}),
    ),
    Entry(
        "stations",
        gettext_noop("年报报送渠道"),
        "desk:report_stations",
        "chart",
        gettext_noop("监督"),
        frozenset({P.CONFIG_MANAGE}),
    ),
    Entry(
        "catalogue",
        gettext_noop("事项与依据"),
        "desk:catalogue",
        "book",
        gettext_noop("名录"),
        _CASE | {P.CATALOGUE_MANAGE},
    ),
    Entry(
        "lists",
        gettext_noop("清单管理"),
        "desk:lists",
        "list",
        gettext_noop("名录"),
        frozenset({P.CATALOGUE_MANAGE, P.LIST_CHECK, P.LIST_APPROVE, P.DISCLOSURE_PUBLISH, P.SUPERVISE_READ}),
    ),
    Entry(
        "organisations",
        gettext_noop("机构与人员"),
        "desk:organisations",
        "badge",
        gettext_noop("名录"),
        frozenset({P.BODY_MANAGE, P.CERTIFICATE_MANAGE, P.ROLE_MANAGE, P.ACCOUNT_MANAGE}) | _CASE,
    ),
    Entry(
        "places",
        gettext_noop("场所与公示牌"),
        "desk:places",
        "home",
        gettext_noop("名录"),
        frozenset({P.BODY_MANAGE, P.SUPERVISE_READ}) | _DISCLOSE,
    ),
    Entry(
        "calendar",
        gettext_noop("工作日历"),
        "desk:calendar",
        "calendar",
        gettext_noop("名录"),
        _CASE | {P.CONFIG_MANAGE, P.CATALOGUE_MANAGE},
    ),
    Entry(
        "templates",
        gettext_noop("文书模板"),
        "desk:templates",
        "paper",
        gettext_noop("名录"),
        frozenset({P.TEMPLATE_MANAGE}),
    ),
    Entry(
        "numbers",
        gettext_noop("文号登记簿"),
        "desk:numbers",
        "list",
        gettext_noop("名录"),
        frozenset({P.CASE_READ, P.TEMPLATE_MANAGE}),
    ),
    Entry(
        "ledger",
        gettext_noop("存证"),
        "desk:ledger",
        "check",
        gettext_noop("名录"),
        frozenset({P.CASE_READ, P.CONFIG_MANAGE, P.ATTEMPTS_READ, P.SUPERVISE_READ}),
    ),
    Entry(
        "witnesses",
        gettext_noop("账本见证"),
        "desk:ledger_witnesses",
        "check",
        gettext_noop("系统"),
        frozenset({P.CONFIG_MANAGE, P.ACCOUNT_MANAGE, P.ATTEMPTS_READ}),
    ),
    Entry(
        "accounts",
        gettext_noop("账号与角色"),
        "identity:accounts",
        "person",
        gettext_noop("系统"),
        frozenset({P.ACCOUNT_MANAGE}),
    ),
    Entry(
        "attempts",
        gettext_noop("审计日志"),
        "identity:attempts",
        "shield",
        gettext_noop("系统"),
        frozenset({P.ATTEMPTS_READ}),
    ),
    Entry(
        "access_statistics",
        gettext_noop("调阅统计"),
        "desk:access_statistics",
        "chart",
        gettext_noop("系统"),
        frozenset({P.ATTEMPTS_READ}),
    ),
    Entry(
        "system",
        gettext_noop("系统状态"),
        "desk:system",
        "gear",
        gettext_noop("系统"),
        frozenset({P.CONFIG_MANAGE}),
    ),
)


def entries(actor: Any, path: str) -> list[dict[str, Any]]:
    """Groups of entries for ``actor``; pages that do not exist in this installation are left out."""
    shown = []
    for entry in ENTRIES:
        asked = entry.needs or entry.roles
        if asked and not (entry.needs & actor.permissions or entry.roles & actor.roles):
            continue
        with contextlib.suppress(NoReverseMatch):
            shown.append((entry, reverse(entry.name)))
    # The page belongs to one entry: the nearest above it. The home page stands above none.
    above = [url for entry, url in shown if path == url or (entry.key != "home" and path.startswith(url))]
    here = max(above, key=len, default="")
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry, url in shown:
        groups.setdefault(gettext(entry.group), []).append(
            {
                "key": entry.key,
                "label": gettext(entry.label),
                "icon": entry.icon,
                "url": url,
                "here": url == here,
            }
        )
    return [{"name": name, "entries": rows} for name, rows in groups.items()]


def house(actor: Any) -> dict[str, str]:
    """The body whose house this is: the actor's own, else the installation's first body.

    Read with one primary-key look-up; an empty installation shows the product's name.
    """
    from mingzhi.organisations import api as organisations

    if actor is not None:
        own = [organisations.body(actor.body_id)]
    else:
        own = [b for b in organisations.bodies() if b.profile == settings.PROFILE][:1]
    if not own:
        return {"name": "明执", "short_name": "明执"}
    return {"name": own[0].name, "short_name": own[0].short_name}
