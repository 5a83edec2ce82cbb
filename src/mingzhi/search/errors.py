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


class QueryTooWide(Invalid):
    """A word whose parts stand in very many texts and which itself stands in hardly any of them."""

    code = "search.too_wide"
    sentence = "与检索词部分相符的内容过多，无法逐件核对"
    remedy = "请加上更有区别的词，或者先按年度、机关等条件缩小范围"
