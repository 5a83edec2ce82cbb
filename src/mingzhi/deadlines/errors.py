"""What the room refuses, in words."""

from __future__ import annotations

from mingzhi.kernel.errors import Conflict, Invalid, MingzhiError, NotFound


class BadTerm(Invalid):
    """The text is not a term (`7WD`, `15CD`, `24H`, `6M`, `2Y`)."""

    code = "deadlines.term"
    sentence = "期限“{text}”无法识别"
    remedy = "请写成数字加单位：7WD（工作日）、15CD（日）、24H（小时）、6M（月）、2Y（年）"


class OutOfRange(Invalid):
    """The reckoning leaves the years the calendar can answer for."""

    code = "deadlines.range"
    sentence = "推算范围超出日历所及的{first}年至{last}年"
    remedy = "请检查起算日期与期限是否填写有误"


class AlreadyRunning(Conflict):
    """A clock for this norm already runs on this subject."""

    code = "deadlines.running"
    sentence = "“{label}”期限已在计算中，不能重复起算"
    remedy = "如需重新起算，请先终止原期限"


class NoClock(NotFound):
    """There is no open clock for this norm on this subject."""

    code = "deadlines.none"
    sentence = "没有正在计算的该项期限"
    remedy = "请核对该期限是否已经起算，或者已经办结"


class Expired(MingzhiError):
    """Extending or suspending after expiry (domain §10 no. 16)."""

    code = "deadlines.expired"
    sentence = "“{label}”期限已于{due}届满，届满后不能再{act}"
    remedy = "请按逾期情形处理，并在案卷中说明原因"
    status = 409


class NotRunning(Conflict):
    """Suspending what is suspended, resuming what runs."""

    code = "deadlines.state"
    sentence = "“{label}”期限当前为{state}，不能{act}"


class BadDate(Invalid):
    """A date before the fact it needs."""

    code = "deadlines.date"


class CalendarProblem(Invalid):
    """A calendar entry or file that cannot be right."""

    code = "deadlines.calendar"
