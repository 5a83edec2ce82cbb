"""The choices on the forms of a matter sent for review."""

from __future__ import annotations

from collections.abc import Callable

from mingzhi.cases.matters import matter, outcome
from mingzhi.catalogue import api as catalogue
from mingzhi.dossiers.choices import Secrecy
from mingzhi.organisations import api as organisations
from mingzhi.procedures import api as procedures
from mingzhi.procedures.context import Context

Pairs = list[tuple[str, str]]
GOVERNMENTAL = ("government", "supervisor")


def act_types(ctx: Context) -> Pairs:
    """The kinds of act that the body's own document names (R131, R136)."""
    return [(name, name) for name in ctx.norm("acts.types")]


def partner_units(ctx: Context) -> Pairs:
    """Enforcement units of the other bodies of this installation, any of which may decide jointly."""
    return [
        (str(unit.id), f"{body.name}（{unit.name}）")
        for body in organisations.bodies()
        if body.id != ctx.dossier.body_id and body.kind not in GOVERNMENTAL
        for unit in organisations.units(body.id, "enforcement")
    ]


def licence_classes(ctx: Context) -> Pairs:
    """许可类别 (domain §4.2), where a permit is decided; no other act is asked for it."""
    return list(LICENCE_CLASSES) if matter.act_type(ctx) == outcome.PERMIT else []


def punishing(ctx: Context) -> Pairs:
    """The kinds of penalty, where a penalty is decided; no other act is asked for what goes with it."""
    return outcome.kinds(outcome.PENALTY) if matter.act_type(ctx) == outcome.PENALTY else []


def matter_items(ctx: Context) -> Pairs:
    """The body's items, of whatever kind of act."""
    own = catalogue.field_of(ctx.body)
    return [(i.code, i.name) for i in catalogue.items(on=ctx.on, field=own or None, body=ctx.body)]


LICENCE_CLASSES: Pairs = [(name, name) for name in ("普通", "特许", "认可", "核准", "登记", "其他")]
FIXED: dict[str, Pairs] = {
    "in_name": [
        ("own", "本机关名义"),
        ("government", "报请以本级人民政府名义"),
        ("joint", "与其他机关共同名义"),
    ],
    "matter_party": [("natural", "自然人"), ("organisation", "单位"), ("none", "没有特定相对人")],
    "secrecy": [(str(value), str(label)) for value, label in Secrecy.choices],
    "government_answer": [("made", "同意，已作出决定"), ("refused", "不同意")],
    "accepted_how": [("accepted", "出具受理凭证"), ("deemed", "逾期未告知补正，视为受理")],
    "executed_how": [("completed", "执行完毕"), ("terminated", "终结执行")],
}


def _fixed(pairs: Pairs) -> Callable[[Context], Pairs]:
    return lambda ctx: list(pairs)


def register() -> None:
    for name, pairs in FIXED.items():
        procedures.provide_options(name)(_fixed(pairs))
    procedures.provide_options("act_types")(act_types)
    procedures.provide_options("partner_units")(partner_units)
    procedures.provide_options("decided_kinds")(lambda ctx: outcome.kinds(matter.act_type(ctx)))
    procedures.provide_options("executing_kinds")(outcome.executing)
    procedures.provide_options("licence_classes")(licence_classes)
    procedures.provide_options("punishing")(punishing)
    procedures.provide_options("matter_items")(matter_items)
    procedures.provide_options("matter_materials")(
        lambda ctx: [(m.code, m.label) for m in matter.materials(ctx) if m.present]
    )
    procedures.provide_options("matter_material_kinds")(
        lambda ctx: [(r["code"], r["label"]) for r in matter.material_rules(ctx) if r["code"] != "draft"]
    )
    procedures.provide_options("matter_checks")(lambda ctx: list(matter.checks(ctx).items()))
