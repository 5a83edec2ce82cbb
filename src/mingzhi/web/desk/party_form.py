"""A party's fields, wherever a dossier is opened or told whom it concerns; judging them is the register's work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms as f
from django.utils.translation import gettext_lazy

from mingzhi.dossiers.choices import IdKind, PartyKind, Standard
from mingzhi.dossiers.data import PartyInput
from mingzhi.kernel.errors import Invalid

BLANK: list[tuple[str, Any]] = [("", gettext_lazy("请选择"))]


class Plain(f.Form):
    """Forms whose inputs carry ids without a prefix and leave judging to the action."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "%s")
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


def text(label: Any, *, length: int = 200, required: bool = False, help_text: Any = "") -> f.CharField:
    return f.CharField(label=label, max_length=length, required=required, help_text=help_text)


class PartyForm(Plain):
    """当事人."""

    kind = f.ChoiceField(label=gettext_lazy("当事人类型"), choices=[*BLANK, *PartyKind.choices])
    standard = f.ChoiceField(
        label=gettext_lazy("适用标准"),
        required=False,
        choices=[("", gettext_lazy("按类型确定")), *Standard.choices],
        help_text=gettext_lazy("个体工商户须选定，以确定当场处罚和听证的金额标准"),
    )
    name = text(gettext_lazy("姓名或名称"), required=True)
    credit_code = text(
        gettext_lazy("统一社会信用代码"), length=18, help_text=gettext_lazy("法人、个体工商户必填，18 位")
    )
    code_note = text(
        gettext_lazy("未登记统一社会信用代码的原因"), length=100, help_text=gettext_lazy("确无代码的填写")
    )
    representative = text(gettext_lazy("法定代表人（负责人、经营者）"), length=60)
    id_kind = f.ChoiceField(
        label=gettext_lazy("证件类型"), required=False, choices=[("", gettext_lazy("无")), *IdKind.choices]
    )
    id_number = text(
        gettext_lazy("证件号码"), length=40, help_text=gettext_lazy("居民身份证号码按校验码核对，加密保存")
    )
    address = text(gettext_lazy("住址或住所"))
    phone = text(gettext_lazy("联系电话"), length=30)


PARTY = (
    "kind",
    "standard",
    "name",
    "credit_code",
    "code_note",
    "representative",
    "id_kind",
    "id_number",
    "address",
    "phone",
)


def party_of(data: Mapping[str, Any]) -> PartyInput:
    return PartyInput(**{name: data[name] for name in PARTY})


def told(form: f.Form, wrong: Invalid) -> None:
    """The action's sentences beside their fields; what fits no field goes on top."""
    for name, sentences in wrong.fields.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)
    if not wrong.fields:
        form.add_error(None, wrong.sentence)


def grouped(form: f.Form, plan: Iterable[tuple[Any, Iterable[str]]]) -> list[tuple[Any, list[Any]]]:
    """The form's fields under their headings."""
    return [(title, [form[name] for name in names]) for title, names in plan]
