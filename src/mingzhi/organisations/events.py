"""What this room tells the ledger: one kind per register, recomputed from the live row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import models

from mingzhi.kernel.secrets import fingerprint
from mingzhi.ledger import api as ledger
from mingzhi.organisations.models import (
    Account,
    Body,
    CardKey,
    Certificate,
    CertificateEvent,
    Person,
    Place,
    PlaceVersion,
    Qualification,
    RoleGrant,
    Training,
    Unit,
    Window,
    WindowVersion,
)

_SENTENCES: tuple[tuple[type[models.Model], str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    # model, thing, sentence, personal fields, columns that never enter (secrets, derived, volatile)
    (Body, "body", "登记或变更执法主体", (), ()),
    (Unit, "unit", "登记或变更内设机构", (), ()),
    (Place, "place", "登记执法场所", (), ()),
    (PlaceVersion, "place_version", "登记或变更执法场所资料", (), ()),
    (Window, "window", "登记窗口岗位", (), ()),
    (WindowVersion, "window_version", "登记或变更窗口岗位资料", (), ()),
    (Person, "person", "登记或变更人员", ("name", "phone"), ("pinyin",)),
    (Certificate, "certificate", "登记或变更执法证件", ("number",), ()),
    (CertificateEvent, "certificate_event", "执法证件暂扣、恢复或注销", (), ()),
    (CardKey, "card_key", "领用或停用亮证密钥", (), ("secret",)),
    (Qualification, "qualification", "登记资格", ("number",), ()),
    (Training, "training", "登记培训考试", (), ()),
    (Account, "account", "建立或变更账号", ("username",), ("password", "last_login")),
    (RoleGrant, "role_grant", "授予或收回角色", (), ()),
)

_THING: dict[type[models.Model], str] = {model: thing for model, thing, *_ in _SENTENCES}
_LEFT_OUT: dict[type[models.Model], tuple[str, ...]] = {model: out for model, _, _, _, out in _SENTENCES}


def kind_of(row: models.Model) -> str:
    return f"organisations:{_THING[type(row)]}"


def subject_of(row: models.Model) -> str:
    return f"{_THING[type(row)]}:{row.pk}"


def payload_of(row: models.Model) -> dict[str, Any]:
    """The row as the ledger commits to it. A phone enters as its keyed fingerprint only."""
    payload: dict[str, Any] = {}
    for column in row._meta.concrete_fields:
        if column.primary_key or column.name in _LEFT_OUT[type(row)]:
            continue
        value = getattr(row, column.attname)
        payload[column.attname] = (
            fingerprint(value) if column.attname == "phone" and isinstance(row, Person) else value
        )
    return payload


def record(row: models.Model, *, at: datetime) -> int:
    """One ledger entry for the row as it now stands, in the caller's transaction."""
    return ledger.append(kind_of(row), subject_of(row), payload_of(row), at=at)


def _recompute(model: type[models.Model]) -> Callable[[str], dict[str, Any] | None]:
    def payload(subject: str) -> dict[str, Any] | None:
        row = model._default_manager.filter(pk=int(subject.rpartition(":")[2])).first()
        return None if row is None else payload_of(row)

    return payload


def _subjects(model: type[models.Model], thing: str) -> Callable[[], Iterable[str]]:
    def subjects() -> Iterable[str]:
        for pk in model._default_manager.order_by("pk").values_list("pk", flat=True).iterator():
            yield f"{thing}:{pk}"

    return subjects


def _rows(model: type[models.Model]) -> Callable[[], Iterable[tuple[str, dict[str, Any]]]]:
    def rows() -> Iterable[tuple[str, dict[str, Any]]]:
        for row in model._default_manager.order_by("pk").iterator():
            yield subject_of(row), payload_of(row)

    return rows


for _model, _thing, _sentence, _personal, _ in _SENTENCES:
    ledger.register(
        ledger.Kind(
            name=f"organisations:{_thing}",
            version=1,
            sentence=_sentence,
            personal=_personal,
            payload_of=_recompute(_model),
            subjects=_subjects(_model, _thing),
            rows=_rows(_model),
        )
    )
