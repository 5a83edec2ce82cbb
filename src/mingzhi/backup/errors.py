"""What can go wrong with a backup."""

from __future__ import annotations

from mingzhi.kernel.errors import Invalid, MingzhiError


class NotARepository(Invalid):
    code = "backup.not_a_repository"
    sentence = "“{path}”不是备份库"
    remedy = "先执行 mingzhi backup new 建立备份库，或检查路径、磁盘是否已挂载"


class RepositoryThere(Invalid):
    code = "backup.there"
    sentence = "“{path}”不是空目录，不能在其中新建备份库"
    remedy = "换一个空目录；已有的备份库直接用 mingzhi backup make"


class RepositoryBusy(MingzhiError):
    code = "backup.busy"
    sentence = "另一个备份正在写入“{path}”"
    remedy = "等待其完成后重试"
    status = 409


class KeyUnknown(Invalid):
    code = "backup.key_unknown"
    sentence = "本机没有该备份库的密钥"
    remedy = "用建库时抄存的恢复码：加 --code 后按提示输入"


class KeyWrong(Invalid):
    code = "backup.key_wrong"
    sentence = "恢复码不正确，打不开该备份库"
    remedy = "核对抄存的恢复码，并确认它属于这个备份库"


class CodeMalformed(Invalid):
    code = "backup.code_malformed"
    sentence = "恢复码书写有误"
    remedy = "恢复码共 14 组，每组 4 位，由字母和数字 2 至 7 组成；请逐组核对"


class ObjectDamaged(MingzhiError):
    code = "backup.damaged"
    sentence = "备份库中的对象 {name} 已损坏、被改动或缺失"
    remedy = "不要使用这份备份；换用其他副本，并查明备份介质的情况"
    status = 500


class NoSnapshot(Invalid):
    code = "backup.no_snapshot"
    sentence = "备份库中没有“{name}”这份备份"
    remedy = "用 mingzhi backup list 查看可用的备份"


class NotEmpty(Invalid):
    code = "backup.target_not_empty"
    sentence = "恢复目标“{target}”不是空的，为防止覆盖现有数据，未作恢复"
    remedy = "把现有数据移到别处，或将 MINGZHI_VAR（或 MINGZHI_DATABASE_URL）指向一个空的位置"


class OtherDatabase(Invalid):
    code = "backup.other_database"
    sentence = "备份取自 {taken}，而当前设置的是 {here}"
    remedy = "按备份所用的数据库设置 MINGZHI_DATABASE_URL 后重试"


class ToolMissing(MingzhiError):
    code = "backup.tool_missing"
    sentence = "本机没有 {tool}，不能{what}"
    remedy = "安装与数据库服务同版本的 PostgreSQL 客户端（postgresql-client）"
    status = 500


class ToolFailed(MingzhiError):
    code = "backup.tool_failed"
    sentence = "{tool} 没有成功：{why}"
    remedy = "按上述原因处理后重试；目标没有被改动"
    status = 500


class RestoreDoubted(MingzhiError):
    code = "backup.restore_doubted"
    sentence = "恢复出的数据未通过账本核对，没有启用：{why}"
    remedy = "恢复结果保留在“{where}”供查证；请换用其他备份，或在查明后按 docs/security/trust.md 处理"
    status = 409


class EntriesLost(MingzhiError):
    code = "backup.entries_lost"
    sentence = (
        "备份中的账本到第 {have} 条，而馆外检查点证明账本曾到第 {proved} 条："
        "第 {first} 至 {proved} 条不在这份备份中，没有启用"
    )
    remedy = "先找更新的备份。确已不可得时，加 --accept-loss 并写明理由，由审计管理员存档"
    status = 409
