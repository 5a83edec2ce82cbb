"""To-dos of 移交档案馆: what is due, what waits for the leader, for the medium, for the archive's answer.

Read off the lists every few minutes and made equal to what is open: a to-do that was missed is opened
the next time, one whose reason is gone is closed.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission
from mingzhi.outbox import api as outbox
from mingzhi.tasks import api as tasks

KINDS = {
    "due": ("archive.transfer_due", "到期案卷移交档案馆：{what}", Permission.DOSSIER_ARCHIVE),
    "decide": ("archive.transfer_decide", "审批移交清单：{what}", Permission.CASE_APPROVE),
    "hand": ("archive.transfer_hand", "制作档案包并移交：{what}", Permission.DOSSIER_ARCHIVE),
    "answer": ("archive.transfer_answer", "登记移交回执：{what}", Permission.DOSSIER_ARCHIVE),
}
"""What waits → kind of to-do, title, who answers it."""


@outbox.periodic("cases.transfer", 600)
@transaction.atomic
def transfers(at: datetime) -> None:
    waiting = {}
    for step in dossiers.transfer.steps_waiting(clock.local_date(at)):
        kind, title, permission = KINDS[step.kind]
        subject = f"transfer:{step.list_id}" if step.list_id else f"transfers:{step.body_id}"
        waiting[kind, subject] = (step, title.format(what=step.what), permission)
    gone = tasks.subjects_open(tuple(kind for kind, _, _ in KINDS.values())) - set(waiting)
    for kind, subject in gone:
        tasks.tasks_close(kinds=(kind,), subject=subject, by=organisations.system_actor(), at=at)
    for (kind, subject), (step, title, permission) in waiting.items():
        tasks.task_open(
            kind=kind, title=title, body_id=step.body_id, subject=subject, permission=permission.value,
            by=organisations.system_actor(step.body_id), at=at,
        )  # fmt: skip
