"""Counting tries, so that nobody can guess for long: one count for all server processes."""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import IPv6Network, ip_address

from django.db import connection

from mingzhi.kernel.secrets import fingerprint
from mingzhi.web.models import Tries

# One statement, so that two tries at the same moment are two.
_COUNT = """
INSERT INTO web_tries (key, count, until) VALUES (%s, 1, %s)
ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN web_tries.until > %s THEN web_tries.count + 1 ELSE 1 END,
  until = CASE WHEN web_tries.until > %s THEN web_tries.until ELSE excluded.until END
RETURNING count
"""


def counted(act: str, address: str, *, at: datetime, minutes: int) -> int:
    """The how-manieth try of ``act`` from ``address`` this is. The count starts anew ``minutes`` after the
    first try; spent counts are swept whenever a new one starts."""
    adapt = connection.ops.adapt_datetimefield_value
    key, now = f"{act}.{fingerprint(_caller(address))[:32]}", adapt(at)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [key, adapt(at + timedelta(minutes=minutes)), now, now])
        ((count,),) = cursor.fetchall()
    if count == 1:
        Tries.objects.filter(until__lte=at).delete()
    return int(count)


def _caller(address: str) -> str:
    """Whom an address stands for: in IPv6 whoever holds the network of 64 bits, who may change the rest."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return str(known if known.version == 4 else IPv6Network((int(known) >> 64 << 64, 64)))
