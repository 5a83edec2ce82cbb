"""The living component page: every part of the look with lifelike values, for whoever builds pages."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mingzhi.kernel import clock
from mingzhi.kernel.errors import Reason


def page(request: HttpRequest) -> HttpResponse:
    at = request.at  # type: ignore[attr-defined]
    today = clock.local_date(at)
    chips = [
        {
            "text": "剩 3 个工作日",
            "tone": "ok",
            "title": "作出决定之日起 7 个工作日内公开（国办发〔2018〕118 号）",
        },
        {"text": "剩 1 个工作日", "tone": "soon", "title": "法制审核 5 个工作日"},
        {"text": "今日到期", "tone": "today", "title": "音像记录应当在 24 小时内存储"},
        {
            "text": "逾期 2 日",
            "tone": "late",
            "title": "立案之日起 90 日内作出处理决定（行政处罚法第六十条）",
        },
    ]
    stages = [
        {"name": "启动", "state": "done", "on": today - timedelta(days=40)},
        {"name": "调查取证", "state": "done", "on": today - timedelta(days=21)},
        {"name": "审核决定", "state": "here", "on": None},
        {"name": "送达执行", "state": "", "on": None},
        {"name": "归档", "state": "", "on": None},
    ]
    reasons = [
        Reason(
            "review.missing",
            "本案属于重大执法决定，尚未通过法制审核。",
            "《中华人民共和国行政处罚法》第五十八条",
            "提交法制审核",
            "review",
        ),
        Reason(
            "notice.open", "处罚告知书送达后陈述申辩期限尚未届满。", "《中华人民共和国行政处罚法》第四十四条"
        ),
    ]
    rows = [
        {
            "number": f"示城综罚字〔2026〕第{n}号",
            "party": "示例一号运输有限公司",
            "cause": "未按规定清运建筑垃圾",
            "fine": 500000 * n,
            "chip": chips[n % 4],
            "state": "running",
        }
        for n in range(1, 5)
    ]
    context = {
        "chips": chips,
        "stages": stages,
        "reasons": reasons,
        "rows": rows,
        "facts": [
            ("案由", "未按规定清运建筑垃圾"),
            ("承办机构", "执法一队"),
            ("立案日期", today.isoformat()),
        ],
        "tabs": [
            {"label": "办理过程", "url": "#", "here": True, "count": None},
            {"label": "证据", "url": "#", "here": False, "count": 6},
            {"label": "文书", "url": "#", "here": False, "count": 12},
        ],
        "trail": [("案件", "/desk/cases/"), ("组件", "")],
        "errors": {"amount": ["罚款金额应在 5,000.00 元至 50,000.00 元之间"]},
        "links": {"review": "#"},
    }
    return render(request, "desk/components.html", context)
