"""Step forms: taken through the page, refused with everything kept, hostile input without a fault."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from mingzhi.dossiers import api as dossiers
from mingzhi.procedures import api as procedures
from mingzhi.web.demo.drive import Drive
from mingzhi.web.models import Draft

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def fresh(drive: Callable[..., Drive]) -> Drive:
    """A dossier just opened: nothing filed yet."""
    one = drive()
    one.open()
    return one


def hidden(client: Client, url: str) -> dict[str, str]:
    text = client.get(url).content.decode()
    return {name: re.search(rf'name="{name}" value="([^"]*)"', text)[1] for name in ("_key", "_expected")}  # type: ignore[index]


def filing(case: Drive, **changes: Any) -> dict[str, Any]:
    officers = [case.bureau.person(n, case.at) for n in ("officer1", "officer2")]
    return {
        "cause": "涉嫌擅自占用城市道路案",
        "source": "inspection",
        "item_code": "urban.road-occupy",
        "summary": "巡查发现当事人在人行道上堆放货物，占用面积约十二平方米。",
        "place": "示例路 1 号门前",
        "act_began_on": "2026-09-04",
        "act_ended_on": "",
        "discovered_on": "2026-09-04",
        "officers": [*officers, ""],
        "_occurred_at": "",
        **changes,
    }


def test_a_step_is_taken_through_its_form(fresh: Drive, people: Callable[[str], Client]) -> None:
    url = f"/desk/cases/{fresh.id}/do/file_request/"
    client = people("officer1")
    answer = client.post(url, {**hidden(client, url), **filing(fresh)})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert answer["Location"] == f"/desk/cases/{fresh.id}/#step-1"
    dossier = dossiers.access_dossier(fresh.by("officer1"), fresh.id)
    assert dossier.state == "pending"
    assert dossier.lead_name == "张某甲"


def test_errors_stand_beside_their_fields_and_nothing_typed_is_lost(
    fresh: Drive, people: Callable[[str], Client]
) -> None:
    url = f"/desk/cases/{fresh.id}/do/file_request/"
    client = people("officer1")
    answer = client.post(
        url,
        {
            **hidden(client, url),
            **filing(fresh, cause="短", act_began_on="2026-02-31", place="  特别的地点  "),
        },
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "至少填写 4 个字" in text
    assert "日期真实存在" in text
    assert "特别的地点" in text
    assert "占用面积约十二平方米" in text
    assert f'value="{fresh.bureau.person("officer2", fresh.at)}" selected' in text


def test_unmet_conditions_are_listed_with_the_law_and_the_entries_kept(
    fresh: Drive, people: Callable[[str], Client]
) -> None:
    fresh.step("file_request", "officer1", **_facts(fresh))
    client = people("leader")
    url = f"/desk/cases/{fresh.id}/do/file_approve/"
    assert client.get(url).status_code == 200
    assert people("officer1").get(url).status_code == 403


def test_what_is_unmet_and_what_is_wrong_with_the_entries_stand_on_one_page(
    fresh: Drive, people: Callable[[str], Client]
) -> None:
    fresh.step("file_request", "officer1", **_facts(fresh))
    fresh.step("file_approve", "leader", opinion="同意立案。")
    url = f"/desk/cases/{fresh.id}/do/conclude/"
    client = people("officer1")
    answer = client.post(url, {**hidden(client, url), "outcome": "penalise", "facts_found": "短"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "尚未提交证据" in text and "依据：" in text
    assert re.search(
        r'<div class="field invalid" id="field-facts_found">.*?至少填写 \d+ 个字', text, re.DOTALL
    )
    assert '<a href="#field-facts_found">' in text, "the summary leads to the field"


def _facts(case: Drive) -> dict[str, Any]:
    typed = filing(case)
    return {
        k: [p for p in v if p] if k == "officers" else v for k, v in typed.items() if not k.startswith("_")
    }


def test_guards_on_the_facts_refuse_with_reasons_on_the_page(
    fresh: Drive, people: Callable[[str], Client]
) -> None:
    url = f"/desk/cases/{fresh.id}/do/file_request/"
    client = people("officer1")
    one = [fresh.bureau.person("officer1", fresh.at), fresh.bureau.person("leader", fresh.at)]
    answer = client.post(url, {**hidden(client, url), **filing(fresh, officers=one)})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "依据：" in text
    assert "占用面积约十二平方米" in text


def test_the_same_submission_twice_is_one_step(fresh: Drive, people: Callable[[str], Client]) -> None:
    url = f"/desk/cases/{fresh.id}/do/file_request/"
    client = people("officer1")
    data = {**hidden(client, url), **filing(fresh)}
    assert client.post(url, data).status_code == 302
    assert client.post(url, data).status_code == 302
    dossier = dossiers.access_dossier(fresh.by("officer1"), fresh.id)
    assert len(procedures.steps(dossier)) == 1


def test_who_was_second_keeps_what_was_typed(
    drive: Callable[..., Drive], people: Callable[[str], Client]
) -> None:
    case = drive()
    case.file()
    url = f"/desk/cases/{case.id}/do/recuse_apply/"
    client = people("officer1")
    seen = hidden(client, url)
    target = case.bureau.person("officer2", case.at)
    case.step("recuse_apply", "officer2", applicant="officer", target=target, reason="与当事人有亲属关系")
    typed = {**seen, "applicant": "party", "target": target, "reason": "当事人认为其可能影响公正执法"}
    answer = client.post(url, typed)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "再次提交" in text
    assert "可能影响公正执法" in text
    again = {**typed, "_expected": re.search(r'name="_expected" value="(\d+)"', text)[1], "_key": "second"}  # type: ignore[index]
    assert client.post(url, again).status_code == 302


def test_another_bodys_officer_is_told_nothing(fresh: Drive, people: Callable[[str], Client]) -> None:
    client = people("other")
    for path in (
        f"/desk/cases/{fresh.id}/",
        f"/desk/cases/{fresh.id}/do/file_request/",
        f"/desk/cases/{fresh.id}/papers/1/",
        f"/desk/cases/{fresh.id}/receipt/step/1/",
    ):
        assert client.get(path).status_code == 404, path
    for path in (
        "records/upload/",
        "records/excuse/",
        "do/file_request/draft/",
        "discretion/",
        "do/file_request/",
    ):
        assert client.post(f"/desk/cases/{fresh.id}/{path}").status_code == 404, path


def test_drafts_are_kept_restored_and_dropped(fresh: Drive, people: Callable[[str], Client]) -> None:
    url = f"/desk/cases/{fresh.id}/do/file_request/"
    client = people("officer1")
    kept = client.post(f"{url}draft/", filing(fresh, summary="写到一半的案情，还没有写完"))
    assert kept.json()["saved"]
    row = Draft.objects.get()
    text = client.get(url).content.decode()
    assert "写到一半的案情" in text
    assert "已恢复未提交的草稿" in text
    assert "写到一半的案情" not in people("officer2").get(url).content.decode()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM web_draft WHERE id = %s", [row.pk])
        assert "写到一半" not in str(cursor.fetchone()[0])
    client.post(f"{url}draft/drop/")
    assert "写到一半" not in client.get(url).content.decode()


def test_the_paper_is_previewed_with_what_is_typed(
    drive: Callable[..., Drive], people: Callable[[str], Client]
) -> None:
    case = drive()
    case.file()
    client = people("officer1")
    url = f"/desk/cases/{case.id}/do/correct/preview/"
    page = client.post(url, {"act": "堆放货物占用城市道路", "demand": "立即清理，恢复原状"})
    assert page["Content-Type"] == "application/pdf", page.content.decode()[:800]
    assert page.content.startswith(b"%PDF")
    less = client.post(url, {"act": "短"})
    assert less.status_code == 422
    assert "改正要求：请填写此项" in less.content.decode()


# Ids for the test report only; the texts themselves are unprintable in places.
HOSTILE = (
    "\x00",
    "<script>alert(1)</script>",
    "9" * 5000,
    "٣",
    "２０２６-０９-０４",
    "-1",
    "1e999",
    "' OR 1=1 --",
    "𠀀" * 50,
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_input_never_breaks_a_form(fresh: Drive, people: Callable[[str], Client], text: str) -> None:
    client = people("officer1")
    url = f"/desk/cases/{fresh.id}/do/file_request/"
    data = dict.fromkeys(filing(fresh), text) | {"_key": text, "_expected": text, "_occurred_at": text}
    answer = client.post(url, data)
    assert answer.status_code in (409, 422)
    assert "<script>alert" not in answer.content.decode()
    assert client.post(f"{url}draft/", data).status_code in (200, 413)
    assert client.post(f"{url}preview/", data).status_code == 422
    for path in ("/desk/cases/", "/desk/cases/export/", "/desk/clues/", "/desk/search/"):
        keys = ("q", "state", "stage", "unit", "mine", "field", "body", "sort", "after", "before")
        # A search word that cannot be used is told as such by the export.
        wanted = (200, 422) if "export" in path else (200,)
        page = client.get(path, dict.fromkeys(keys, text))
        assert page.status_code in wanted, path
    form = dict.fromkeys(
        (
            "source",
            "title",
            "detail",
            "received_at",
            "occurred_on",
            "kind",
            "name",
            "credit_code",
            "id_number",
        ),
        text,
    )
    for path in ("/desk/clues/new/", "/desk/cases/new/"):
        assert client.post(path, form).status_code == 422, path
    assert (
        client.post(
            f"/desk/cases/{fresh.id}/records/upload/",
            dict.fromkeys(("act", "kind", "captured_at", "operator", "file_id"), text),
        ).status_code
        == 422
    )
    assert (
        client.post(f"/desk/cases/{fresh.id}/discretion/", {f"d-{text[:20]}": text, "d-x": text}).status_code
        == 200
    )
    assert client.get(f"/desk/cases/{fresh.id}/do/nothing/").status_code in (404, 409)
