"""What can go wrong with a search."""

from __future__ import annotations

from mingzhi.kernel.errors import Invalid


class QueryTooShort(Invalid):
    code = "search.too_short"
    sentence = "检索词太短"
    remedy = "请至少输入两个连续的字，例如姓名、单位名称或文号的一部分"


class QueryTooLong(Invalid):
    code = "search.too_long"
    sentence = "检索词超过 {limit} 个字"
    remedy = "请只保留最有区别的几个词"
