"""What can go wrong with a record."""

from __future__ import annotations

from mingzhi.kernel.errors import Conflict, Invalid, NotAllowed, NotFound


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


class ExcuseNotFound(NotFound):
    code = "recording.excuse_not_found"
    sentence = "未找到该说明，或您无权查看"


class SameHand(NotAllowed):
    code = "recording.same_hand"
    sentence = "说明的申请人、记录人不能审批该说明"
    remedy = "请由承办机构负责人或者机关负责人中的其他人员审批"


class AlreadyDecided(Conflict):
    code = "recording.decided"
    sentence = "该说明已由{who}{what}，不能再次审批"
    remedy = "情况有变化的，请由申请人重新提交说明"


class DeviceNotFound(NotFound):
    code = "recording.device_not_found"
    sentence = "未找到该设备，或您无权查看"


class DeviceKnown(Conflict):
    code = "recording.device_known"
    sentence = "设备编号 {number} 已经登记"
    remedy = "请核对资产标签；一台设备只登记一次"


class DeviceBusy(Conflict):
    code = "recording.device_state"
    sentence = "设备 {number} 现为“{state}”{holder}，不能办理“{act}”"
    remedy = "请刷新设备台账，核对最新状态后再办理"


class RoomNotFound(NotFound):
    code = "recording.room_not_found"
    sentence = "未找到该场所，或您无权查看"


class RoomKnown(Conflict):
    code = "recording.room_known"
    sentence = "本机关已有名称为“{name}”的场所"


class BookingNotFound(NotFound):
    code = "recording.booking_not_found"
    sentence = "未找到该预约，或您无权查看"


class RoomTaken(Conflict):
    code = "recording.room_taken"
    sentence = "“{room}”在 {span} 已被预约，本次预约未生效"
    remedy = "请改约其他时间或者其他场所"


class BookingOver(Conflict):
    code = "recording.booking_over"
    sentence = "该预约已经{how}，不能再变更"


class GuideNotFound(NotFound):
    code = "recording.guide_not_found"
    sentence = "未找到该指引，或您无权查看"


class TerminalUnknown(NotAllowed):
    code = "recording.terminal_unknown"
    sentence = "本机尚未登记为您领用的移动执法终端"
    remedy = "请在联网时重新打开现场执法，由系统登记领用"


class TerminalUnregistered(NotAllowed):
    code = "recording.terminal_unregistered"
    sentence = "本机尚未登记为移动执法终端，须由设备管理人员允许"
    remedy = "请设备管理人员在工作台“执法设备”中生成登记码，三十分钟内在本机输入"


class TerminalBarred(NotAllowed):
    code = "recording.terminal_barred"
    sentence = "移动执法终端“{number}”{state}，不能使用"
    remedy = "请联系本单位负责人或者设备管理人员；本机上尚未上传的内容以密文保留，恢复使用后继续上传"


class AccessNeeded(NotAllowed):
    code = "recording.access_needed"
    sentence = "音像记录、证据材料和涉密案卷的文书供承办本案的人员查阅，您不在其中"
    remedy = "因工作需要查阅的，请在案件页“调阅”处提出申请，写明用途和期限，经批准后查阅"


class AccessNotFound(NotFound):
    code = "recording.access_not_found"
    sentence = "未找到该调阅申请，或您无权查看"


class AccessNotNeeded(Conflict):
    code = "recording.access_not_needed"
    sentence = "您可以直接查阅，不需要申请"
    remedy = "请返回案件页直接打开，查阅情况会留存备查"


class AccessAnswered(Conflict):
    code = "recording.access_answered"
    sentence = "该申请已由{name}处理（{state}），本次操作未生效"
    remedy = "请刷新后查看处理结果"


class NotTheApprover(NotAllowed):
    code = "recording.access_approver"
    sentence = "调阅申请由案卷承办机构负责人或者本机关负责人审批，申请人不得审批自己的申请"
    remedy = "请等待有权审批的人员处理"


class NoMarkedCopy(Conflict):
    code = "recording.no_marked_copy"
    sentence = "{kind}不能加注可见水印，不能以副本方式下载"
    remedy = "请在页面内查阅；确需取走原件的，申请“导出原件”，经批准后下载"


class OriginalNotGranted(NotAllowed):
    code = "recording.original_not_granted"
    sentence = "原件只随案卷归档包移交，或者经批准导出"
    remedy = "请提出“导出原件”申请并写明理由，经批准后下载"


class CannotMake(Invalid):
    code = "recording.cannot_make"
    sentence = "未能制作：{why}"
    remedy = "原件没有变化；请按提示调整后重试"


class OrderNotFound(NotFound):
    code = "recording.order_not_found"
    sentence = "未找到该衍生件，或您无权查看"
