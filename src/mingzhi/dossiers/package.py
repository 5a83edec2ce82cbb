"""档案包: a dossier as a BagIt 1.0 bag with everything that a stranger needs to check it.

Layout and metadata are described in docs/algorithms/archive-package.md; ``ledger.verify_package`` is
the other half. Papers and recordings are in it as they were made, byte for byte; the bound PDF is
for reading. What goes outside (对外) holds 正卷 only, and nothing of a state secret.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from mingzhi.catalogue import api as catalogue
from mingzhi.dossiers import archive, binding, order, sources
from mingzhi.dossiers.choices import Secrecy, Volume
from mingzhi.dossiers.errors import SecretNotForOutside
from mingzhi.dossiers.models import Dossier, Sealing
from mingzhi.dossiers.queries import members
from mingzhi.files import api as files
from mingzhi.files.data import FileRef
from mingzhi.kernel import canonical, clock
from mingzhi.ledger import api as ledger
from mingzhi.ledger.errors import LiveRowDiffers
from mingzhi.ledger.verify_package import FORMAT, INDEX_FIELDS
from mingzhi.organisations import api as organisations

Progress = Callable[[int, int], None]
SUFFIXES = {
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "audio/x-wav": "wav",
    "audio/mpeg": "mp3",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/x-matroska": "mkv",
}
README = """本包为执法案卷电子档案包，按 BagIt 1.0（RFC 8493）组织。

data/items      卷内件原件，逐字节与归档时相同；已签章的文书在此仍可验签
data/bound      装订本（封面、卷内目录、编页、备考表），供阅读和打印
data/metadata   元数据：content 内容，structure 结构，context 背景，process 过程
data/ledger     存证：receipts 各事项回执，checkpoint.txt 账本检查点，keys.txt 账本公钥

核对：mingzhi verify 本包 --key 机关公布的账本公钥
包内所附公钥只供比对，不能证明自己；请以机关另行公布的公钥为准。
"""


@dataclass(frozen=True, slots=True)
class _Receipt:
    path: str
    entry_id: int
    kind: str
    subject: str


class _Writer:
    """A zip that hashes what goes in and ends with its manifests."""

    def __init__(self, stream: IO[bytes], at: datetime) -> None:
        self.zip = zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED, allowZip64=True)
        self.payload: dict[str, tuple[str, int]] = {}
        self.stamp = clock.local(at).timetuple()[:6]

    def _info(self, name: str, packed: bool) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self.stamp)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o100644 << 16
        return info

    def text(self, name: str, text: str) -> str:
        return self.data(name, text.encode(), packed=True)

    def data(self, name: str, data: bytes, *, packed: bool = False) -> str:
        self.zip.writestr(self._info(name, packed), data)
        return self._kept(name, hashlib.sha256(data).hexdigest(), len(data))

    def stream(self, name: str, source: IO[bytes], size: int) -> str:
        """Copy block by block, so that a recording of any length costs one block of memory."""
        digest = hashlib.sha256()
        info = self._info(name, packed=False)
        info.file_size = size
        with self.zip.open(info, "w", force_zip64=size >= 1 << 31) as out:
            while block := source.read(1 << 20):
                digest.update(block)
                out.write(block)
        return self._kept(name, digest.hexdigest(), size)

    def _kept(self, name: str, digest: str, size: int) -> str:
        if name.startswith("data/"):
            self.payload[name] = (digest, size)
        return digest

    def close(self, info: Sequence[tuple[str, str]]) -> None:
        """Tag files last: they speak of everything before them."""
        octets = sum(size for _, size in self.payload.values())
        tags = {
            "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
            "bag-info.txt": "".join(
                f"{key}: {' '.join(value.split())}\n"
                for key, value in (*info, ("Payload-Oxum", f"{octets}.{len(self.payload)}"))
            ),
            "manifest-sha256.txt": "".join(
                f"{digest}  {name}\n" for name, (digest, _) in sorted(self.payload.items())
            ),
        }
        lines = [f"{self.text(name, text)}  {name}\n" for name, text in tags.items()]
        self.text("tagmanifest-sha256.txt", "".join(lines))
        self.zip.close()


def build(
    dossier: Dossier, *, outside: bool = False, progress: Progress = lambda done, total: None, at: datetime
) -> FileRef:
    """Make the package of the sealed dossier and store it. ``SecretNotForOutside``, ``NotArchived``."""
    if outside and dossier.secrecy == Secrecy.STATE:
        raise SecretNotForOutside(number=dossier.number, level=Secrecy(dossier.secrecy).label)
    ledger.sequence(at=at)  # what was recorded a moment ago gets its place, so that it has a receipt
    lines = archive.sealed_index(dossier.pk)[1]
    if outside:
        lines = [x for x in lines if x.volume == Volume.MAIN]
    name = f"{dossier.number}{'（对外）' if outside else ''}.zip"
    with tempfile.TemporaryFile(prefix="mingzhi-package-") as stream:
        _Package(_Writer(stream, at), dossier, lines, outside=outside, progress=progress, at=at).write()
        size = stream.tell()
        stream.seek(0)
        return files.put(stream, name=name, media_type="application/zip", limit=size + 1, at=at)


class _Package:
    def __init__(
        self, writer: _Writer, dossier: Dossier, lines: list[order.Line], *, outside: bool, progress: Progress,
        at: datetime,
    ) -> None:  # fmt: skip
        self.writer, self.dossier, self.lines, self.outside, self.at = writer, dossier, lines, outside, at
        self.progress, self.done = progress, 0
        self.total = 2 * len(lines) + 1
        self.body = organisations.body(dossier.body_id)
        record = archive.archive_of(dossier.pk)
        assert record is not None
        self.record = record

    def write(self) -> None:
        receipts = self._receipts()
        content = self._content(receipts)
        bound = self._bound()
        w = self.writer
        w.text("data/README.txt", README)
        _json(w, "content", content)
        _json(w, "structure", self._structure(bound))
        _json(w, "context", self._context())
        _json(w, "process", self._process(receipts))
        w.text("data/ledger/checkpoint.txt", ledger.checkpoint())
        w.text("data/ledger/keys.txt", ledger.keys_text())
        w.close(
            (
                ("Source-Organization", self.body.name),
                ("External-Description", self.dossier.title),
                ("External-Identifier", self.dossier.number),
                ("Internal-Sender-Identifier", self.record.number),
                ("Bagging-Date", f"{clock.local_date(self.at):%Y-%m-%d}"),
                ("Bag-Software-Agent", "Mingzhi"),
                ("Mingzhi-Package", FORMAT),
            )
        )
        self.progress(self.total, self.total)

    def _told(self) -> None:
        self.done += 1
        self.progress(self.done, self.total)

    def _receipts(self) -> list[_Receipt]:
        """Receipts of everything recorded of the dossier; outside, of what is handed out only."""
        wanted = {x.item.subject.partition("#")[0] for x in self.lines}
        subjects = sorted(wanted) if self.outside else [*sources.subjects(self.dossier.pk), *sorted(wanted)]
        sealings = (
            Sealing.objects.filter(archive__dossier=self.dossier).order_by("seq").values_list("pk", flat=True)
        )
        subjects += [f"sealing:{pk}" for pk in sealings]
        made = []
        for entry in ledger.entries_of_many(subjects):
            text = _receipt(entry.id)
            if text is None:
                continue
            path = f"ledger/receipts/{entry.id}.tlog-proof"
            self.writer.text(f"data/{path}", text)
            made.append(_Receipt(path, entry.id, entry.kind, entry.subject))
        return made

    def _content(self, receipts: list[_Receipt]) -> dict[str, Any]:
        by_subject: dict[str, list[str]] = {}
        for receipt in receipts:
            by_subject.setdefault(receipt.subject, []).append(receipt.path)
        stored = files.refs([x.item.file_id for x in self.lines if x.item.file_id])
        items = []
        for line in self.lines:
            item, entry = line.item, order.entry_of(line)
            path, sm3 = "", ""
            if item.file_id is not None:
                suffix = SUFFIXES.get(item.media_type, "bin")
                path = f"items/{line.volume}-{line.seq:04d}.{suffix}"
                sm3 = stored[item.file_id].sm3
                with files.open_file(item.file_id) as source:
                    self.writer.stream(f"data/{path}", source, item.size)
            own = by_subject.get(item.subject.partition("#")[0], [])
            kept = {k: v for k, v in entry.items() if k not in ("file_id", "link")}
            items.append({**kept, "path": path, "sm3": sm3, "receipts": own})
            self._told()
        return {
            "format": FORMAT,
            "title": self.dossier.title,
            "number": self.dossier.number,
            "party": self.dossier.party_name,
            "secrecy": self.dossier.secrecy,
            "secrecy_label": Secrecy(self.dossier.secrecy).label,
            "index_sha256": order.content_digest(items_plain(items)),
            "items": items,
        }

    def _bound(self) -> list[dict[str, Any]]:
        made = []
        for volume in (Volume.MAIN, Volume.SIDE):
            if any(x.volume == volume for x in self.lines):
                bound = binding.bind(
                    self.dossier, self.lines, (volume.value,), progress=lambda d, t: self._told(), at=self.at
                )
                path = f"bound/{volume.value}.pdf"
                digest = self.writer.data(f"data/{path}", bound.data)
                made.append({"path": path, "volumes": [volume.value], "pages": bound.pages, "sha256": digest})
        return made

    def _structure(self, bound: list[dict[str, Any]]) -> dict[str, Any]:
        volumes = []
        for volume, label in Volume.choices:
            own = [x for x in self.lines if x.volume == volume]
            if own:
                pages = max(x.last or 0 for x in own)
                volumes.append({"volume": volume, "label": label, "items": len(own), "pages": pages})
        return {
            "format": FORMAT,
            "scope": "outside" if self.outside else "whole",
            "volumes": volumes,
            "bound": bound,
            "linked_from": self.dossier.linked_from.number if self.dossier.linked_from else "",
        }

    def _context(self) -> dict[str, Any]:
        record, dossier = self.record, self.dossier
        known = catalogue.profile(self.body.profile) if self.body.profile else None
        return {
            "format": FORMAT,
            "body": self.body.name,
            "body_code": self.body.credit_code,
            "region_code": self.body.region_code,
            "profile": known.name if known else "",
            "unit": dossier.unit.name,
            "procedure": dossier.procedure,
            "procedure_version": dossier.procedure_version,
            "item_code": dossier.item_code,
            # A held dossier was opened here long after it was closed elsewhere.
            "opened_on": min(clock.local_date(dossier.opened_at), record.closed_on).isoformat(),
            "closed_on": record.closed_on.isoformat(),
            "archive": {
                "number": record.number,
                "fonds": record.fonds,
                "catalogue": record.catalogue,
                "importance": record.importance,
                "retention": record.retention_label,
                "years": record.years,
                "starts_on": record.starts_on.isoformat(),
                "expires_on": record.expires_on.isoformat() if record.expires_on else None,
                "transfer_on": record.transfer_on.isoformat() if record.transfer_on else None,
                "archived_at": canonical.plain(record.at),
                "archived_by": record.by_name,
                "norms": record.norms,
            },
            "people": []
            if self.outside
            else [
                {"name": m.name, "role": m.role, "since": canonical.plain(m.since)}
                for m in members(dossier.pk, active=False)
            ],
            "system": "Mingzhi",
        }

    def _process(self, receipts: list[_Receipt]) -> dict[str, Any]:
        events = sources.events(self.dossier.pk)
        if self.outside:
            shown = {x.item.subject for x in self.lines}
            mine = ("dossier:", "archive:", "sealing:")
            events = [e for e in events if e.subject in shown or e.subject.startswith(mine)]
        seals = [r.path for r in receipts if r.subject.startswith("sealing:")]
        return {
            "format": FORMAT,
            "events": [
                {
                    "at": canonical.plain(e.at),
                    "act": e.act,
                    "by": e.by,
                    "by_name": e.by_name,
                    "subject": e.subject,
                    "note": e.note,
                }
                for e in events
            ],
            "ledger": {
                "sealing": seals[-1] if seals else "",
                "whole_index_sha256": self.record.index_digest,
                "receipts": [
                    {"path": r.path, "entry": r.entry_id, "kind": r.kind, "subject": r.subject}
                    for r in receipts
                ],
            },
            "made_at": canonical.plain(self.at),
        }


def items_plain(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Items as the index digest covers them."""
    return [{k: item[k] for k in INDEX_FIELDS} for item in items]


def _receipt(entry_id: int) -> str | None:
    """The disclosing receipt; the bare one where the row has changed since the entry was made."""
    try:
        return ledger.bundle(entry_id)
    except LiveRowDiffers:
        return ledger.receipt(entry_id)


def _json(writer: _Writer, name: str, content: dict[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    writer.text(f"data/metadata/{name}.json", text + "\n")
