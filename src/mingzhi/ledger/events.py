"""What the ledger records about itself: the announcement of a later key, and who shall witness it."""

from __future__ import annotations

from mingzhi.ledger import cosigning, rotation, stamping
from mingzhi.ledger.kinds import Kind, register, register_check
from mingzhi.ledger.opening import KEY_KIND

register(
    Kind(
        KEY_KIND,
        1,
        "公告账本新密钥",
        fields=("vkey", "at"),
        payload_of=rotation.announced_one,
        rows=rotation.announced,
    )
)
cosigning.PROPOSED.register()
cosigning.DECIDED.register()
register_check("ledger:stamps", stamping.otherwise)
