"""The catalogue's door: norms, items, benchmarks, lists, laws."""

from mingzhi.catalogue.actions import Published, list_publish, load_packs
from mingzhi.catalogue.norms import (
    norm,
    norm_by_id,
    norms_in_profile,
    profile,
    profiles,
    term,
)
from mingzhi.catalogue.packs import PENALTY_KINDS
from mingzhi.catalogue.predicates import evaluate
from mingzhi.catalogue.queries import (
    hearing_threshold,
    item,
    item_for_id,
    item_versions,
    items,
    no_penalty_list,
    propose,
    publications,
    range_problems,
    recording_list,
    recording_rule,
    review_list,
)

__all__ = [
    "PENALTY_KINDS",
    "Published",
    "evaluate",
    "hearing_threshold",
    "item",
    "item_for_id",
    "item_versions",
    "items",
    "list_publish",
    "load_packs",
    "no_penalty_list",
    "norm",
    "norm_by_id",
    "norms_in_profile",
    "profile",
    "profiles",
    "propose",
    "publications",
    "range_problems",
    "recording_list",
    "recording_rule",
    "review_list",
    "term",
]
