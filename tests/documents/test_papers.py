"""A paper is checked, numbered once and kept for good."""

from __future__ import annotations

import pytest

from mingzhi.documents import api as documents
from tests.documents.conftest import AT, DECISION

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_decision_is_numbered_and_rendered(bureau):
    paper = bureau.draw("P18", DECISION)
    assert paper.number == "示综执罚决字〔2026〕第1号"
    pdf = documents.page(paper.id, at=AT)
    assert pdf.startswith(b"%PDF")
