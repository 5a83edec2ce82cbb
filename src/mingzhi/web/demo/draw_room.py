"""The demonstration bureau's random inspection: promised by one, drawn by another, two results entered."""

from __future__ import annotations

from datetime import datetime

from mingzhi.double_random import api as double_random
from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.web.demo.cast import Bureau


def furnish(bureau: Bureau, at: datetime) -> None:
    """Once per bureau, after its lists are published."""
    head, other = bureau.actor("head", at), bureau.actor("reviewhead", at)
    if double_random.draws(head):
        return
    found = double_random.ready(head, clock.local_date(at))
    draw_id = double_random.draw_commit(
        title=f"{found.items[0].name}（示范）", item_code=found.items[0].code, share=1000, by=head, at=at
    )
    ledger.sequence(at=at)
    if not double_random.draw_view(other, draw_id).ready:
        return
    double_random.draw_make(
        draw_id=draw_id, words="示例报数 3、8、6", witnesses="示例企业代表、机关纪检人员", by=other, at=at
    )
    people = {
        bureau.person(name, at): bureau.actor(name, at) for name in ("officer1", "officer2", "officer3")
    }
    entered = 0
    for task in double_random.assignments(head, draw_id):
        goes = next((people[p.id] for p in task.officers if p.id in people), None)
        if goes is not None and entered < 2:
            double_random.finding_enter(
                assignment_id=task.id,
                outcome="clean" if entered else "mended",
                facts="经检查，未发现问题。" if entered else "台账记录不完整。",
                measures="" if entered else "责令限期改正，已当场改正。",
                inspected_on=clock.local_date(at),
                by=goes,
                at=at,
            )
            entered += 1
