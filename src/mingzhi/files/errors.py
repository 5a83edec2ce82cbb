"""What can go wrong with a file."""

from __future__ import annotations

from mingzhi.kernel.errors import Invalid, MingzhiError, NotFound


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
