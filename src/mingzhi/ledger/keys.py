"""The log's signing keys: files outside the database, readable by their owner only.

``NAME.key`` and, for each later key, ``NAME.<key id>.key`` hold private keys; ``NAME.vkey`` lists
every public key the log ever had, one a line, the oldest first.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from mingzhi.kernel import sm2
from mingzhi.ledger.errors import KeyMissing
from mingzhi.ledger.notes import COSIGNATURE, ED25519, SM2, BadNote, SignerKey, VerifierKey
from mingzhi.ledger.tree import write_whole


def folder() -> Path:
    return Path(settings.KEYS_ROOT) / "ledger"


def _host() -> str:
    return urlsplit(settings.PUBLIC_URL).netloc.rpartition("@")[2] or "localhost"


def origin_for(name: str) -> str:
    """The origin line: where the bureau is found, and the log's random name."""
    return f"{_host()}/mingzhi/{name}"


def make(name: str) -> list[SignerKey]:
    """The first keys of the log ``name``, their files written: Ed25519, and SM2 where the machine has it."""
    signers = [SignerKey.make(origin_for(name))]
    if not sm2.missing():
        signers.append(SignerKey.make(origin_for(name), SM2))
    for signer in signers:
        _write(_path(name, signer.verifier, first=signer is signers[0]), signer)
    write_whole(folder() / f"{name}.vkey", "".join(f"{signer.verifier}\n" for signer in signers))
    return signers


def make_next(name: str, origin: str, kind: int) -> SignerKey:
    """One more key for a log that has some. Its file is on the disk before anything names it: a key
    that was never announced is a file that nobody needs."""
    signer = SignerKey.make(origin, kind)
    _write(_path(name, signer.verifier), signer)
    known = published(name)
    write_whole(folder() / f"{name}.vkey", "".join(f"{line}\n" for line in [*known, str(signer.verifier)]))
    return signer


def published(name: str) -> list[str]:
    """The public keys in the folder; empty when the file is gone."""
    try:
        return (folder() / f"{name}.vkey").read_text("ascii").split()
    except (FileNotFoundError, UnicodeDecodeError):
        return []


def witness() -> SignerKey:
    """This installation's key for cosigning others' checkpoints; made on the first call."""
    return _own("witness", COSIGNATURE)


def letters() -> SignerKey:
    """Its key for what it hands to another installation; made on the first call. Not the log's: a letter can
    never be taken for a checkpoint."""
    return _own("letters", ED25519)


def _own(what: str, kind: int) -> SignerKey:
    path = folder() / f"{what}.key"
    if not path.exists():
        signer = SignerKey.make(f"{_host()}/mingzhi/{what}", kind)
        fresh = path.with_name(f".{what}.{signer.verifier.id.hex()}")
        _write(fresh, signer)
        with suppress(FileExistsError):  # another process was quicker: its key counts
            os.link(fresh, path)
        fresh.unlink()
        write_whole(folder() / f"{what}.vkey", f"{_load(path).verifier}\n")
    return _load(path)


def load(name: str, origin: str, vkey: str) -> SignerKey:
    """The private half of ``vkey``. ``KeyMissing`` when its file is gone or another's."""
    public = VerifierKey.parse(vkey)
    for path in (_path(name, public), _path(name, public, first=True)):
        try:
            key = _load(path)
        except (FileNotFoundError, PermissionError, BadNote, UnicodeDecodeError, ValueError):
            continue
        if str(key.verifier) == vkey:
            return key
    raise KeyMissing(origin=origin, path=path)


def _path(name: str, public: VerifierKey, *, first: bool = False) -> Path:
    return folder() / (f"{name}.key" if first else f"{name}.{public.id.hex()}.key")


def _write(path: Path, key: SignerKey) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, f"{key}\n".encode())
        os.fsync(file)
    finally:
        os.close(file)


@lru_cache(maxsize=16)
def _load(path: Path) -> SignerKey:
    return SignerKey.parse(path.read_text("ascii"))
