"""The files room's door."""

from mingzhi.files.actions import file_put as put
from mingzhi.files.actions import file_put_bytes as put_bytes
from mingzhi.files.erasure import erase, erase_ordered, same_content
from mingzhi.files.media import REMARKS
from mingzhi.files.media import label as type_label
from mingzhi.files.names import display_name
from mingzhi.files.objects import bring_back, holds_whole
from mingzhi.files.objects import local as on_local_disk
from mingzhi.files.queries import (
    accel_path,
    check,
    check_all,
    contents,
    open_file,
    open_range,
    open_range_of,
    parse_range,
    path,
    ref,
    refs,
)
from mingzhi.files.uploads import (
    CHECKSUMS,
    Checksum,
    upload_append,
    upload_concat,
    upload_create,
    upload_end,
    upload_find,
    upload_take,
    uploads_expire,
)

__all__ = [
    "CHECKSUMS",
    "REMARKS",
    "Checksum",
    "accel_path",
    "bring_back",
    "check",
    "check_all",
    "contents",
    "display_name",
    "erase",
    "erase_ordered",
    "holds_whole",
    "on_local_disk",
    "open_file",
    "open_range",
    "open_range_of",
    "parse_range",
    "path",
    "put",
    "put_bytes",
    "ref",
    "refs",
    "same_content",
    "type_label",
    "upload_append",
    "upload_concat",
    "upload_create",
    "upload_end",
    "upload_find",
    "upload_take",
    "uploads_expire",
]
