"""Fixed words of the room."""

from __future__ import annotations

from django.db import models


class UploadState(models.TextChoices):
    """How far an upload is. Only ``WHOLE`` may be taken; nothing leads back from the last three."""

    RECEIVING = "receiving", "上传中"
    WHOLE = "whole", "已传完"
    REFUSED = "refused", "未予接收"
    ENDED = "ended", "已取消"
    EXPIRED = "expired", "已过期"
