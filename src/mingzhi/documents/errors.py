"""Errors of the documents room."""

from __future__ import annotations

from mingzhi.kernel.errors import Invalid, MingzhiError, NotFound


class PaperIncomplete(Invalid):
    """The data lacks what the law wants on this paper; ``reasons`` names every missing item."""

    code = "documents.paper_incomplete"
    sentence = "《{title}》缺少法定事项，不能制作"
    remedy = "请按所列事项逐项补充后重新提交"


class TemplateUnsound(Invalid):
    """The template cannot be read, or lacks what every paper of its kind must carry."""

    code = "documents.template_unsound"
    sentence = "模板“{title}”不符合要求，不能发布"
    remedy = "请按所列问题修改模板后重新发布"


class TemplateMissing(NotFound):
    code = "documents.template_missing"
    sentence = "未找到文书模板“{template}”"
    remedy = "请由法制机构发布该文书模板"


class PaperFixed(MingzhiError):
    """A served or voided paper is never changed; a served one is corrected by a notice (P30)."""

    code = "documents.paper_fixed"
    sentence = "文书已送达，不得作废或者修改"
    remedy = "如有文字错误，请制作补正通知书送达当事人；如需改变决定内容，请依法撤销或者变更"
    status = 409


class NotServed(Invalid):
    """The service lacks a proof or a precondition; ``reasons`` names each."""

    code = "documents.service_unproved"
    sentence = "送达条件或者证明材料不全，未予登记"
    remedy = "请补齐所列材料后重新登记送达"


class RenderFailed(MingzhiError):
    code = "documents.render_failed"
    sentence = "文书排版未成功"
    remedy = "文书内容和文号已保存，系统将自动重试；仍不成功请联系系统管理员"
    status = 500
