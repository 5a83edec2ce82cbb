"""What can go wrong with a dossier."""

from __future__ import annotations

from mingzhi.kernel.errors import MingzhiError


class NotArchived(MingzhiError):
    code = "archive.not_archived"
    sentence = "案卷 {number} 尚未归档"
    remedy = "请先完成归档"
    status = 409


class IndexNotReady(MingzhiError):
    code = "archive.index_not_ready"
    sentence = "卷内尚有 {count} 件材料未排版，暂不能编目"
    remedy = "后台任务完成排版后会自动继续；长时间没有完成的，请系统管理员查看“系统状态”"
    status = 409


class OnHold(MingzhiError):
    code = "archive.on_hold"
    sentence = "案卷 {number} 正在暂缓处置，不得销毁"
    remedy = "请待暂缓处置解除后再办理"
    status = 409


class NotExpired(MingzhiError):
    code = "archive.not_expired"
    sentence = "案卷 {number} 保管期限尚未届满，不得列入销毁清册"
    remedy = "永久保管和未到期的案卷不能销毁"
    status = 409


class ListClosed(MingzhiError):
    code = "archive.list_closed"
    sentence = "销毁清册 {number} 已作出决定，不能再改动"
    remedy = "请另行提出清册"
    status = 409


class ListUnapproved(MingzhiError):
    code = "archive.list_unapproved"
    sentence = "销毁清册 {number} 尚未经机关负责人和复核人同意，不得销毁"
    remedy = "请先报机关负责人和复核人审批"
    status = 409


class NotTransferable(MingzhiError):
    code = "archive.not_transferable"
    sentence = "案卷 {number} 不能列入移交清单：{why}"
    remedy = "请去掉该卷，或者待其具备移交条件后另行提出"
    status = 409


class TransferClosed(MingzhiError):
    code = "archive.transfer_closed"
    sentence = "移交清单 {number} {state}，不能办理"
    remedy = "请刷新后查看清单的当前状态"
    status = 409


class ReceiptRefused(MingzhiError):
    code = "archive.receipt_refused"
    sentence = "回执不能登记：{why}"
    remedy = "请向接收档案馆核实，索取与本次移交相符的回执"
    status = 422


class Transferred(MingzhiError):
    code = "archive.transferred"
    sentence = "案卷 {number} 已经移交或者正在移交档案馆，本机关不得销毁"
    remedy = "移交后的案卷作为副本继续保管"
    status = 409


class SecretNotForOutside(MingzhiError):
    code = "archive.secret"
    sentence = "案卷 {number} {level}，不得制作对外档案包"
    remedy = "确需对外提供的，按保密规定办理，不通过本系统导出"
    status = 409


class PackageRefused(MingzhiError):
    code = "archive.package_refused"
    sentence = "档案包不予接收：{why}"
    remedy = "请用“mingzhi verify”核对档案包，或者请移交机关重新制作"
    status = 422


class AlreadyHeld(MingzhiError):
    code = "archive.already_held"
    sentence = "该档案包已接收，为案卷 {number}"
    status = 409
