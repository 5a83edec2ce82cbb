"""The demonstration's review unit in every bureau: two advisers, one joint decision with an answered question."""

from __future__ import annotations

import pytest

from mingzhi.catalogue import api as catalogue
from mingzhi.dossiers.models import Dossier
from mingzhi.ledger import api as ledger
from mingzhi.procedures import api as procedures
from mingzhi.publication import api as publication
from mingzhi.review import api as review
from mingzhi.web.demo import loading, review_room
from tests.stories.conftest import MONDAY, bureau_for

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.parametrize("profile", sorted(str(getattr(p, "key", p)) for p in catalogue.profiles()))
def test_a_joint_review_is_under_way_and_counts_as_no_case(profile: str) -> None:
    bureau = bureau_for(profile, MONDAY)
    review_room.furnish(bureau, MONDAY)
    lead = Dossier.objects.get(body_id=bureau.body_id, procedure="review.matter", state="prepared")
    now = review.review_standing(lead.pk)
    assert now.own is not None and now.own.state == "accepted" and now.seats[0].passed and not now.passed
    (asked,) = review.consultations(lead.pk)
    assert asked.text and asked.adviser_body != lead.body.name
    assert loading.loaded_count(bureau.body_id) == 0
    assert procedures.inconsistencies() == []
    ledger.sequence(at=MONDAY)
    report = ledger.fsck()
    assert report.ok, report.findings[:5]
    review_room.furnish(bureau, MONDAY)
    assert Dossier.objects.count() == 3, "once"
    own = Dossier.objects.get(procedure="review.matter", state="decided")
    (told,) = publication.disclosure_status(own.pk)
    assert told.state == "published" and told.kind in ("permit", "coercion")
