"""The places that are searched. Numbers are part of stored keys: never change or re-use one."""

from __future__ import annotations

from enum import StrEnum


class Space(StrEnum):
    """A separate index: nothing in one space is ever found from another."""

    PUBLIC = "public"  # 已公示的决定
    DESK = "desk"  # 案卷：编号、案由、当事人、文书号
    PAPERS = "papers"  # 文书正文
    LAWS = "laws"  # 法律法规条文
    ITEMS = "items"  # 权责事项
    PEOPLE = "people"  # 机构与人员
    CLUES = "clues"  # 线索


NUMBERS: dict[Space, int] = {
    Space.PUBLIC: 1,
    Space.DESK: 2,
    Space.PAPERS: 3,
    Space.LAWS: 4,
    Space.ITEMS: 5,
    Space.PEOPLE: 6,
    Space.CLUES: 7,
}

#: Spaces of up to many million texts in which everything is counted: kept in segments (``segments``).
WIDE = frozenset({Space.PUBLIC})
