"""Boards at windows and on walls, as the faces use them: what stands there, prints, paper."""

from mingzhi.publication.board_lists import guides, items, posts, powers
from mingzhi.publication.board_prints import (
    STRIP,
    board,
    board_print,
    board_take_down,
    chart_keys,
    hanging,
    pdf,
    printed,
    title_of,
    watch,
)
from mingzhi.publication.boards import (
    FIELDS,
    WAYS,
    Board,
    differences,
    parts,
    place_board,
    place_open,
    places_of,
    window_board,
    windows_of,
)

__all__ = [
    "FIELDS",
    "STRIP",
    "WAYS",
    "Board",
    "board",
    "board_print",
    "board_take_down",
    "chart_keys",
    "differences",
    "guides",
    "hanging",
    "items",
    "parts",
    "pdf",
    "place_board",
    "place_open",
    "places_of",
    "posts",
    "powers",
    "printed",
    "title_of",
    "watch",
    "window_board",
    "windows_of",
]
