"""What can go wrong with a file."""

from __future__ import annotations

from mingzhi.kernel.errors import Conflict, Invalid, MingzhiError, NotAllowed, NotFound


class FileEmpty(Invalid):
    code = "files.empty"
    sentence = "文件“{name}”没有内容（0 字节），未予保存"
    remedy = "请检查原文件能否正常打开，再重新上传"


class FileTooLarge(Invalid):
    code = "files.too_large"
    sentence = "文件“{name}”超过单个文件上限 {limit}，未予保存"
    remedy = "请分段导出后分别上传，或联系系统管理员调整上限"
    status = 413


class FileTruncated(Invalid):
    code = "files.truncated"
    sentence = "文件“{name}”传输不完整：应有 {expected} 字节，实收 {received} 字节，未予保存"
    remedy = "请检查网络后重新上传；原文件不受影响"


class FileTypeRefused(Invalid):
    code = "files.type_refused"
    sentence = "文件“{name}”的实际类型是{actual}，此处不接受"
    remedy = "请上传：{accepted}"


class FileNotFound(NotFound):
    code = "files.not_found"
    sentence = "未找到该文件"


class FileDamaged(MingzhiError):
    code = "files.damaged"
    sentence = "文件“{name}”的内容与入库时的校验值不一致或已缺失"
    remedy = "请勿使用该文件，立即通知系统管理员从备份恢复，并保留现场"
    status = 500


class RangeRefused(Invalid):
    code = "files.range"
    sentence = "请求的字节范围超出文件大小（共 {size} 字节）"
    status = 416


class UploadNotFound(NotFound):
    code = "upload.not_found"
    sentence = "未找到该上传，可能已取消，或者由他人发起"
    remedy = "请重新选择文件上传"


class UploadGone(NotFound):
    code = "upload.gone"
    sentence = "文件“{name}”的上传{why}"
    remedy = "请重新选择文件上传；原文件不受影响"
    status = 410


class UploadRefused(Invalid):
    code = "upload.refused"
    sentence = "{why}"
    remedy = "请核对原文件后重新上传"


class UploadUnfinished(Conflict):
    code = "upload.unfinished"
    sentence = "文件“{name}”尚未传完（{offset} / {length} 字节），暂不能提交"
    remedy = "请等待上传完成，或者继续中断的上传后再提交"


class UploadPartial(Conflict):
    code = "upload.partial"
    sentence = "该上传只是文件的一段，须拼接为完整文件后才能提交"
    remedy = "请等待上传完成"


class UploadTakenOver(Conflict):
    code = "upload.taken_over"
    sentence = "同一文件的上传已在另一处继续，此处的传输已停止"
    remedy = "请以最近一次上传为准"


class OffsetMismatch(Conflict):
    code = "upload.offset"
    sentence = "上传位置不一致：服务器已保存 {offset} 字节"
    remedy = "请从服务器给出的位置继续上传"


class ChecksumMismatch(Invalid):
    code = "upload.checksum"
    sentence = "这一段数据的校验值不一致，已丢弃，请重新传送这一段"
    status = 460


class DigestMismatch(Invalid):
    code = "upload.digest"
    sentence = "文件“{name}”收到的内容与设备上计算的 SHA-256 不一致，未予保存"
    remedy = "请核对原文件是否被改动，再重新上传"


class UploadFinal(NotAllowed):
    code = "upload.final"
    sentence = "由各段拼接而成的文件不能再写入"


class UploadKept(NotAllowed):
    code = "upload.kept"
    sentence = "文件“{name}”已提交入库，不能删除"
    remedy = "确需更正的，请在案卷中登记说明"


class QuotaExceeded(Invalid):
    code = "upload.quota"
    sentence = "{whose}尚在上传和待提交的文件加上本文件将超过 {limit}，未开始上传"
    remedy = "请先提交或者取消已上传的文件，或联系系统管理员调整上限"
    status = 413


class StoreFull(MingzhiError):
    code = "files.full"
    sentence = "服务器存储空间不足，本次未能保存；已保存的内容不受影响"
    remedy = "请立即通知系统管理员清理或者扩容，之后从中断处继续上传"
    status = 507


class StoreFailing(MingzhiError):
    code = "files.failing"
    sentence = "服务器存储出现故障，这一段数据未能保存；此前已保存的内容不受影响"
    remedy = "请稍后从中断处继续上传；多次出现时请通知系统管理员检查磁盘"
    status = 503


class FileErased(MingzhiError):
    code = "files.erased"
    sentence = "文件“{name}”已按销毁清册 {order} 依法销毁，只保留文件名和校验值"
    status = 410
