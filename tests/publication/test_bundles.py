"""What a bundle tells of who published: what the page tells, which is nobody."""

from __future__ import annotations

from typing import Any

import pytest

from mingzhi.ledger import api as ledger
from mingzhi.ledger import kinds
from mingzhi.ledger.verify import verify_bundle
from mingzhi.publication import api, feed, setup, steps
from mingzhi.publication.events import event_payload, public_payload
from mingzhi.publication.models import Event
from tests.publication.conftest import AT, Bureau
from tests.receipts import disclosed

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_bundle_names_nobody_and_an_altered_name_is_still_found(
    bureau: Bureau, snapshot: Any, sequenced: Any
) -> None:
    pk = bureau.published(snapshot())
    sequenced(AT)
    told = disclosed(api.public_bundle(pk))
    assert not {"by", "by_name"} & set(told) and bureau.publisher.name not in str(told)
    assert len(told["done_by"]) == 64
    event = Event.objects.filter(kind="published").get()
    for change in ({"by": "person:9"}, {"by_name": "另一人"}):
        for name, value in change.items():
            setattr(event, name, value)
        assert public_payload(event)["done_by"] != told["done_by"]
        event.refresh_from_db()
    assert public_payload(event)["done_by"] == told["done_by"]


def test_a_bundle_of_the_former_form_stays_verifiable_and_the_whole_check_knows_both(
    bureau: Bureau, snapshot: Any, sequenced: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "publication:disclosure:published"
    former = kinds.find(name, 1)
    with monkeypatch.context() as before:
        before.setitem(kinds._current, name, former)
        before.setattr(steps, "public_payload", event_payload)
        old = bureau.published(snapshot())
    new = bureau.published(snapshot(number="湛霞综执罚决字〔2026〕第13号"))
    sequenced(AT)
    handed_out = api.public_bundle(old)
    assert disclosed(handed_out)["by_name"] == bureau.publisher.name
    assert "by_name" not in disclosed(api.public_bundle(new))
    assert feed.place(at=AT) == 2
    assert [disclosed(e.proof).get("by_name") for e in feed.page().entries] == [bureau.publisher.name, None]

    # The set-up of the newer programme records it anew: what anybody may take from now on names nobody.
    said: list[str] = []
    for _ in range(2):
        setup.prepare(profile="", at=AT, say=said.append)
    assert len(said) == 1, "once"
    sequenced(AT)
    assert feed.place(at=AT) == 1
    told = disclosed(api.public_bundle(old))
    assert "by_name" not in told and told["public_sha256"] == disclosed(handed_out)["public_sha256"]
    entries = feed.page().entries
    assert [e.disclosure for e in entries] == [new, old] and all(
        "by_name" not in disclosed(e.proof) for e in entries
    )
    assert list(feed.misplaced()) == []
    assert verify_bundle(handed_out, ledger.verifier_keys()).payload, "what was handed out before stays true"
    report = ledger.fsck(processes=1)
    assert not [f for f in report.findings if f.kind == name], report.findings
