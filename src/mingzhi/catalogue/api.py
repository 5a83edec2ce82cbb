"""The catalogue's door: norms, items, benchmarks, lists, laws; ``public_lists`` for the life of a list."""

from mingzhi.catalogue import public_lists
from mingzhi.catalogue.actions import Published, list_publish, load_packs
from mingzhi.catalogue.choices import PENALTY_KINDS
from mingzhi.catalogue.discretion import fine_text
from mingzhi.catalogue.laws import (
    Imported,
    article,
    article_search,
    law_articles,
    law_import,
    laws,
    resolve,
)
from mingzhi.catalogue.lawtext import citations_in, parse_citation
from mingzhi.catalogue.norms import (
    field_of,
    norm,
    norm_by_id,
    norms_in_profile,
    profile,
    profiles,
    term,
)
from mingzhi.catalogue.phrases import Phrase, phrases
from mingzhi.catalogue.predicates import evaluate
from mingzhi.catalogue.queries import (
    benchmark_asks,
    hearing_threshold,
    item,
    item_versions,
    items,
    items_by_basis,
    no_penalty_list,
    propose,
    publications,
    range_problems,
    recording_list,
    recording_rule,
    review_list,
    tiers,
)

__all__ = [
    "PENALTY_KINDS",
    "Imported",
    "Phrase",
    "Published",
    "article",
    "article_search",
    "benchmark_asks",
    "citations_in",
    "evaluate",
    "field_of",
    "fine_text",
    "hearing_threshold",
    "item",
    "item_versions",
    "items",
    "items_by_basis",
    "law_articles",
    "law_import",
    "laws",
    "list_publish",
    "load_packs",
    "no_penalty_list",
    "norm",
    "norm_by_id",
    "norms_in_profile",
    "parse_citation",
    "phrases",
    "profile",
    "profiles",
    "propose",
    "public_lists",
    "publications",
    "range_problems",
    "recording_list",
    "recording_rule",
    "resolve",
    "review_list",
    "term",
    "tiers",
]
