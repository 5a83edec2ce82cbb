"""What can go wrong with rules and lists, in sentences an administrator can act on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mingzhi.kernel.errors import Conflict, Invalid, MingzhiError, NotAllowed, NotFound, Reason

if TYPE_CHECKING:
    from mingzhi.catalogue.list_cells import CellProblem


class RulesBroken(MingzhiError):
    """A rule file cannot be used; ``facts`` has ``file`` and ``key``."""

    code = "rules.broken"
    sentence = "规则文件有误：{file} 的“{key}”：{why}"
    remedy = "请按 docs/algorithms/norms.md 的格式改正后运行 mingzhi rules check"
    status = 500


class UnknownProfile(Invalid):
    code = "profile.unknown"
    sentence = "没有名为“{profile}”的单位方案。可选：{known}"


class UnknownNorm(NotFound):
    code = "norm.unknown"
    sentence = "规则库中没有名为“{name}”的规则"
    remedy = "请用 mingzhi rules show 查看现有规则名称"


class NormNotInForce(NotFound):
    code = "norm.not_in_force"
    sentence = "规则“{description}”（{name}）在 {on} 没有生效的值，最早自 {first} 起"
    remedy = "请核对日期；确需适用旧规定的，请在规则文件中补充该日期的值和依据"


class NormNotSet(NotFound):
    """The rule exists but nobody has confirmed its value yet (待核实)."""

    code = "norm.not_set"
    sentence = "规则“{description}”（{name}）尚未登记数值，待核实"
    remedy = "请由本单位法制机构核实后，在规则文件中登记数值和依据"


class UnknownItem(NotFound):
    code = "item.unknown"
    sentence = "目录中没有编码为“{item}”、在 {on} 有效的事项"
    remedy = "请用 mingzhi catalogue export 查看事项编码"


class BadFacts(Invalid):
    """Facts that cannot be measured against a benchmark; ``fields`` names each."""

    code = "discretion.bad_facts"
    sentence = "裁量事实有误：{why}"


class BadPredicate(Invalid):
    code = "predicate.bad"
    sentence = "清单条件写法有误：{why}"
    remedy = "请按 docs/algorithms/norms.md 的条件写法改正"


class BadList(Invalid):
    code = "catalogue.bad_list"
    sentence = "目录数据有误：{why}"
    remedy = "请改正数据文件后重新装入；装入前可加 --dry-run 试装"


class BadCitation(Invalid):
    code = "law.bad_citation"
    sentence = "无法识别的法条引用：{text}"
    remedy = "请写成《法律名称》第…条第…款第…项"


class ListNotSound(Invalid):
    """A version with bad cells; ``problems`` names each (row, column, value, what to do)."""

    code = "list.not_sound"
    sentence = "清单内容有 {count} 处须改正"
    remedy = "请按列出的行和栏目逐处改正后再办理"

    def __init__(self, problems: Sequence[CellProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            count=len(self.problems),
            reasons=[
                Reason("list.cell", f"第 {p.row} 行：{p.sentence}" if p.row else p.sentence, remedy=p.remedy)
                for p in self.problems[:50]
            ],
        )


class ListStepClosed(Invalid):
    """The version is not in the state the step starts from."""

    code = "list.step_closed"
    sentence = "该版本现为“{state}”，不能办理“{act}”"
    remedy = "请刷新页面，按当前状态办理"


class ListStale(Conflict):
    code = "list.stale"
    sentence = "清单内容刚刚被他人修改，本次办理未生效"


class SamePerson(NotAllowed):
    """Drafting, checking, approving and publishing are not done by one person alone (R002)."""

    code = "list.same_person"
    sentence = "{act}人与{other}人不得为同一人"
    remedy = "请由另一名有权限的人员办理"
