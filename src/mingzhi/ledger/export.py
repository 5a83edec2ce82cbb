"""The log as files that others can serve, mirror and check: C2SP tlog-tiles.

``checkpoint``, ``keys``, ``tile/<level>/<n>`` with 256 hashes each, ``tile/entries/<n>`` with the
leaf bytes. Holds no payload and no salt: it can be handed to anyone, and served by any file server.

If an export stops, the folder still shows the checkpoint it showed before, and every tile that one
needs: each file is written beside and renamed after its bytes are on the disk, the checkpoint comes
last, when all names are on the disk too, and partial tiles go only when a checkpoint that does not
need them is in place. The next export goes on from the checkpoint that is there.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import notes, store
from mingzhi.ledger.errors import Forked
from mingzhi.ledger.formats import TreeHead
from mingzhi.ledger.models import Checkpoint, Log
from mingzhi.ledger.queries import cosigned_note, entry_bundle, keys_text
from mingzhi.ledger.tiles import TILE, tile_name, tiles, width_of
from mingzhi.ledger.tree import Tree, put_whole, sync_folder, write_whole


def export(folder: Path) -> dict[str, int | str]:
    """Bring ``folder`` up to the latest checkpoint; returns what was written.

    Full tiles up to the checkpoint that is there already are left as they are. ``Forked`` when the
    folder holds another log, or another history of this one: it is left alone, it is evidence.
    """
    log = Log.objects.order_by("at").first()
    last = Checkpoint.objects.order_by("-size").first()
    if log is None or last is None:
        raise NotFound("账本还没有检查点，没有可导出的内容")
    tree = store.tree(log, last)
    before = _before(folder, log, last.size, tree)
    written: list[Path] = []
    for level, number, width in tiles(last.size):
        if _there(before, level, number):
            continue
        data = tree.nodes(level * 8, number * TILE, width)
        written.append(_write(folder / "tile" / str(level) / tile_name(number, width), data))
    for number in range(before // TILE, -(-last.size // TILE)):
        width = width_of(0, number, last.size)
        data = entry_bundle(number, width)
        written.append(_write(folder / "tile" / "entries" / tile_name(number, width), data))
    folder.mkdir(parents=True, exist_ok=True)
    for changed in sorted({up for path in written for up in path.parents if up.is_relative_to(folder)}):
        sync_folder(changed)
    write_whole(folder / "keys", keys_text())
    write_whole(folder / "checkpoint", cosigned_note(last))  # last: whoever sees it finds its tiles
    _tidy(folder, before, last.size)
    return {"origin": log.origin, "size": last.size, "root": bytes(last.root).hex(), "written": len(written)}


def _before(folder: Path, log: Log, size: int, tree: Tree) -> int:
    """How many entries the folder shows already; 0 for a new one."""
    path = folder / "checkpoint"
    try:
        text, _ = notes.verify(path.read_bytes().decode("utf-8"), store.ed25519_keys(log))
        head = TreeHead.parse(text)
    except FileNotFoundError:
        return 0
    except (notes.BadNote, UnicodeDecodeError):
        raise Forked(
            f"{path} 不是本账本签发的检查点，导出目录属于另一账本", signed=0, folder=folder
        ) from None
    if head.origin != log.origin or head.size > size or tree.root(head.size) != head.root:
        raise Forked(f"{folder} 中导出的账本与现在的账本不一致", signed=head.size, folder=folder)
    return head.size


def _there(before: int, level: int, number: int) -> bool:
    return width_of(level, number, before) == TILE


def _write(path: Path, data: bytes) -> Path:
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
    put_whole(path, data)
    return path


def _tidy(folder: Path, before: int, size: int) -> None:
    """Take away the partial tiles of ``before`` whose full tile is there now (tlog-tiles allows it)."""
    for level in range(8):
        number = (before >> (8 * level)) // TILE
        if width_of(level, number, size) != TILE:
            continue
        for name in (str(level), "entries") if level == 0 else (str(level),):
            shutil.rmtree(folder / "tile" / name / f"{tile_name(number, TILE)}.p", ignore_errors=True)
