"""The search room's door."""

from mingzhi.search.actions import Entry
from mingzhi.search.actions import doc_index as index
from mingzhi.search.actions import doc_remove as remove
from mingzhi.search.actions import docs_index as index_many
from mingzhi.search.actions import space_settle as settle
from mingzhi.search.queries import matching, matching_refs, wide_page, wide_refs, wide_tally
from mingzhi.search.text import fold, parse, snippet

__all__ = [
    "Entry",
    "fold",
    "index",
    "index_many",
    "matching",
    "matching_refs",
    "parse",
    "remove",
    "settle",
    "snippet",
    "wide_page",
    "wide_refs",
    "wide_tally",
]
