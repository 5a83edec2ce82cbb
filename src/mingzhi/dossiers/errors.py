"""What can go wrong with a dossier."""

from __future__ import annotations

from mingzhi.kernel.errors import MingzhiError


class DossierClosed(MingzhiError):
    code = "dossier.closed"
    sentence = "案卷 {number} 已办结，不能再办理此环节"
    remedy = "确需处理的，请通过“撤销后重新办理”另行启动"
    status = 409
