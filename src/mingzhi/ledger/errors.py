"""What the ledger refuses, and why."""

from __future__ import annotations

from mingzhi.kernel.errors import MingzhiError


class LedgerError(MingzhiError):
    """Root of the ledger's errors."""

    code = "ledger.error"
    sentence = "账本操作未完成"
    status = 500


class KindUnknown(LedgerError):
    """Nobody registered this kind, or this version of it."""

    code = "ledger.kind_unknown"
    sentence = "未登记的账本事项：{kind}"
    remedy = "事项须先在所属模块的 events.py 登记"


class PayloadInvalid(LedgerError):
    """The payload or subject is not what the kind says it is."""

    code = "ledger.payload_invalid"
    sentence = "账本事项 {kind} 的内容不合规定：{why}"


class OutsideTransaction(LedgerError):
    """An entry must commit with its fact."""

    code = "ledger.outside_transaction"
    sentence = "账本条目必须与业务事实在同一事务内提交"


class LedgerStopped(LedgerError):
    """The sequencer may not go on: a person must look first. Never caught and retried."""

    code = "ledger.stopped"
    sentence = "账本已停止编号"


class BehindCheckpoint(LedgerStopped):
    """The database holds less than was already signed: a restored backup or a truncated log."""

    code = "ledger.behind"
    sentence = "数据库中的账本只有 {size} 条，而库外保存的检查点已签到第 {signed} 条：数据库被恢复到旧备份，或条目被删除"
    remedy = "账本已停止签发。请用更新的备份恢复数据库；确无更新备份的，保全现场并按 docs/security/trust.md「恢复旧备份」一节处理"


class Forked(LedgerStopped):
    """What is in the database differs from what was signed."""

    code = "ledger.forked"
    sentence = "账本前 {signed} 条的内容与已签发的检查点不一致：条目被改动过"
    remedy = "账本已停止签发。请运行 mingzhi ledger fsck 查明被改动的条目，并保全数据库与 {folder}"


class KeyMissing(LedgerStopped):
    """The log has signed before, and its private key is gone."""

    code = "ledger.key_missing"
    sentence = "账本 {origin} 的签名私钥不在 {path}"
    remedy = "请从密钥备份恢复该文件（权限 600）；账本不会自行更换密钥"


class StoreFailed(LedgerStopped):
    """Writing the tree files failed; what is on the disk is unknown until they are opened anew."""

    code = "ledger.store_failed"
    sentence = "账本文件写入失败：{why}"
    remedy = "请检查磁盘空间与磁盘健康；恢复后账本自行从数据库重新核对，继续编号"
    status = 503


class LiveRowDiffers(LedgerError):
    """The live row no longer says what was recorded; no receipt can disclose it."""

    code = "ledger.live_row_differs"
    sentence = "记录 {subject} 的现有内容与账本第 {entry_id} 号条目登记的内容不一致，不能出具回执"
    remedy = "请由审计管理员运行 mingzhi ledger fsck 核查"
    status = 409


class NoKeyChange(LedgerError):
    """The log's key cannot be changed now."""

    code = "ledger.no_key_change"
    sentence = "不能更换账本密钥：{why}"
    remedy = (
        "后台任务运行一分钟后再试；没有 SM2 的，请安装启用国密算法的 OpenSSL 3，或配置 MINGZHI_SM2_PROVIDER"
    )
    status = 409


class WitnessRefused(LedgerError):
    """The witness's answer to a checkpoint it does not cosign. ``status`` and ``body`` are the protocol's."""

    code = "ledger.witness_refused"
    sentence = "不予见证：{why}"

    def __init__(self, why: str, status: int, body: str = "") -> None:
        super().__init__(why=why, status=status)
        self.body = body


class WitnessUnclear(LedgerError):
    """What a witness or another log answered cannot be used; tried again later."""

    code = "ledger.witness_unclear"
    sentence = "{name} 的答复不能使用：{why}"
    remedy = "请检查网络与对方系统；对方更换密钥的，请取得并登记其新公钥"
    status = 502


class StampFailed(LedgerError):
    """The time-stamp authority gave no stamp that holds; tried again later."""

    code = "ledger.stamp_failed"
    sentence = "没有取得时间戳：{why}"
    remedy = "请检查 MINGZHI_TSA_URL、MINGZHI_TSA_POLICY、MINGZHI_TSA_ROOTS 与网络；后台任务会再试"
    status = 502


class WitnessInvalid(LedgerError):
    """What was given to watch or to ask is no key, or not reachable under such an address."""

    code = "ledger.witness_invalid"
    sentence = "不能登记：{why}"
    remedy = "公钥与地址由对方机关提供；账本公钥见其 /ledger/key，见证公钥见其 /witness/key"
    status = 422
