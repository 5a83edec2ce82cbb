"""What can go wrong in publication."""

from __future__ import annotations

from mingzhi.kernel.errors import MingzhiError

WITHDRAW_IT = "请由公示发布员立即撤下，并公开说明理由"


class WrongState(MingzhiError):
    code = "publication.wrong_state"
    sentence = "该公示信息当前为“{state}”，不能{act}"
    remedy = "请刷新后核对最新状态"
    status = 409


class NotClean(MingzhiError):
    """The scan still finds something that looks like personal data."""

    code = "publication.not_clean"
    sentence = "公示文本中仍有 {count} 处疑似个人信息，不能继续"
    remedy = "请逐处遮盖；确认不属于个人信息的，逐处填写理由后放行"
    status = 422


class SecretLeft(MingzhiError):
    """A known secret of the file stands in the public text; nobody can release it."""

    code = "publication.secret_left"
    sentence = "公示文本中仍含有本案登记的个人信息或者第三人姓名，不能公开"
    remedy = "请在脱敏页面逐处遮盖后重新提交"
    status = 422


class Leaks(MingzhiError):
    """Files beside the text hold something that must not leave, and nobody cleared it."""

    code = "publication.leaks"
    sentence = "公示附件中有 {count} 处不应公开的内容，不能继续：{names}"
    remedy = "请移除附件，处理后重新添加；确认可以公开的，由添加人以外的公示审核员说明理由后放行"
    status = 422


class NotClearable(MingzhiError):
    code = "publication.not_clearable"
    sentence = "附件中含有本案登记的个人信息，任何人不得放行"
    remedy = "请移除附件，遮盖后重新制作文件"
    status = 422


class NotYet(MingzhiError):
    """An earlier event of the same disclosure has not arrived: the later one waits for it."""

    code = "publication.delivery_not_yet"
    sentence = "同一公示信息的上一次报送尚未完成，待其完成后报送"
    status = 409


class PlatformAway(MingzhiError):
    """The platform gave no answer that can be relied on: the same is sent again later."""

    code = "publication.platform_away"
    sentence = "对方平台没有给出有效答复：{why}"
    remedy = "系统会自动重试；长时间不成功的，请核对渠道的地址和密钥，并联系对方平台"
    status = 502


class NeverPublished(MingzhiError):
    code = "publication.never"
    sentence = "该决定属于不予公开的情形（{reason}），不能发布"
    remedy = "确需公开的，由公示审核员先作出“不同意不予公开”的处理并说明理由；未成年人信息不得公开"
    status = 422


class TooMany(MingzhiError):
    code = "publication.too_many"
    sentence = "操作过于频繁，请稍后再试"
    remedy = "请于 {minutes} 分钟后重试；急需办理的，可拨打公示的监督电话"
    status = 429


class OnceOnly(MingzhiError):
    code = "publication.once_only"
    sentence = "{why}"
    remedy = "仍有异议的，可以依法向上一级机关或者行政执法监督机关反映"
    status = 409


class NotYetRepairable(MingzhiError):
    """The least period of showing is not over (domain §4.5)."""

    code = "publication.repair_too_early"
    sentence = "最短公示期于 {earliest} 届满，此前不能准予信用修复。依据：{citation}"
    remedy = "请于最短公示期届满后决定，或者作出不予修复的决定并说明理由"
    status = 409


class BoardGaps(MingzhiError):
    """A board lacks something that must stand on it; it may be printed all the same, knowingly."""

    code = "publication.board_gaps"
    sentence = "公示牌还有 {count} 处缺项"
    remedy = "请先补齐；确需先行张贴的，勾选“仍然打印”后再打印，补齐后更换"
    status = 409
