"""What can go wrong in publication."""

from __future__ import annotations

from mingzhi.kernel.errors import MingzhiError


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
