"""Refusals of the supervision room."""

from __future__ import annotations

from mingzhi.kernel.errors import Conflict, Invalid, MingzhiError, NotAllowed, NotFound


class NoVersion(NotFound):
    code = "supervision.no_version"
    sentence = "没有这一版统计年报"
    remedy = "请从年报页面选择已定的版次"


class YearNotOver(Invalid):
    code = "supervision.year_not_over"
    sentence = "{year} 年尚未结束，年报不能定版"
    remedy = "请在 {next} 年 1 月 1 日以后定版；此前可以随时查看当前数据"


class ReasonMissing(Invalid):
    code = "supervision.reason_missing"
    sentence = "更正已定的年报，应当写明更正理由"
    remedy = "请填写更正理由后重新定版"


class NothingChanged(Conflict):
    code = "supervision.nothing_changed"
    sentence = "数据和说明与上一版相同，没有形成新的版次"
    remedy = "请核对数据后再定版"


class JustChanged(Conflict):
    code = "supervision.just_changed"
    sentence = "{year} 年度的数据刚有变动，现在定版将漏计"
    remedy = "请在两分钟后核对数据、重新起草说明，再定版"


class SamePerson(NotAllowed):
    code = "supervision.same_person"
    sentence = "编制年报的人员不能审定同一版年报"
    remedy = "请由机关负责人审定"


class NoSuchLink(Invalid):
    code = "supervision.no_such_link"
    sentence = "报送链中没有这一环节"
    remedy = "请刷新页面后重新选择"


class NotReady(Invalid):
    code = "supervision.not_ready"
    sentence = "{what}"
    remedy = "{how}"


class StationAway(MingzhiError):
    code = "supervision.station_away"
    status = 502
    sentence = "“{name}”没有收下年报：{why}"
    remedy = "系统会自动重试；长时间没有送达的，请核对对方地址和公钥"


class LetterUnknown(NotAllowed):
    code = "supervision.letter_unknown"
    sentence = "没有登记这一报送机关，或者签名不符"
    remedy = "请接收机关在“下级年报”中登记报送机关及其公钥"
