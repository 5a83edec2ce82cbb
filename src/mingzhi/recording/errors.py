"""What can go wrong with a record."""

from __future__ import annotations

from mingzhi.kernel.errors import Conflict, Invalid, NotFound


class RecordNotFound(NotFound):
    code = "recording.not_found"
    sentence = "未找到该记录，或您无权查看"


class LateReasonRequired(Invalid):
    code = "recording.late_reason"
    sentence = "音像记录应在结束后 {hours} 小时内上传，本件已超过，请填写逾期原因后再提交"
    remedy = "已上传的文件不会丢失；填写逾期原因即可入库，系统将标注“逾期上传”"


class PurposeRequired(Invalid):
    code = "recording.purpose"
    sentence = "调阅音像记录、证据材料须填写调阅用途"
    remedy = "请填写用途，例如“案件审核”“行政复议举证”；调阅情况将留存备查"


class NotEvidence(Invalid):
    code = "recording.not_evidence"
    sentence = "只有证据材料需要查证，该件是音像记录"
    remedy = "该音像记录作为视听资料使用的，请另行作为证据登记后查证"


class DossierDone(Conflict):
    code = "recording.dossier_closed"
    sentence = "案卷 {number} 已办结，不能再补入记录"
    remedy = "确有遗漏的，请先按规定办理案卷补正"
