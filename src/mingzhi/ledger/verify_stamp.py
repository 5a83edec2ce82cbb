"""Time stamps by a third party (RFC 3161): what is asked, what comes back, whether it holds. No Django, no network.

A stamp proves that a checkpoint existed at a moment told by an authority that the bureau does not run. The
stamped bytes are the checkpoint's text (origin, size, root), so that signatures added later change nothing.
"""

from __future__ import annotations

import asyncio
import base64
import re
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from mingzhi.ledger import notes
from mingzhi.ledger.verify import Unproven

BEGIN, END = "-----BEGIN TIMESTAMP TOKEN-----", "-----END TIMESTAMP TOKEN-----"
_GRANTED = ("granted", "granted_with_mods")
_OID = re.compile(r"[0-2](\.\d{1,18}){1,20}")
AHEAD = timedelta(minutes=5)
"""How far an authority's clock may be before ours."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a token says: when, under which policy, by whom."""

    moment: datetime
    policy: str
    authority: str


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it is sent, and what must come back in the answer."""

    body: bytes
    digest: bytes
    nonce: int
    policy: str


def request(text: str, policy: str = "") -> Request:
    """Ask for a stamp over ``text`` (a checkpoint's). ``ValueError`` for a policy that is no identifier."""
    from asn1crypto import tsp  # type: ignore[import-untyped]

    if policy and not _OID.fullmatch(policy):
        raise ValueError(f"“{policy}”不是时间戳策略标识（如 1.2.3）")
    digest, nonce = sha256(text.encode()).digest(), secrets.randbits(63) | 1
    asked = {
        "version": "v1",
        "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest},
        "nonce": nonce,
        "cert_req": True,
        **({"req_policy": policy} if policy else {}),
    }
    return Request(tsp.TimeStampReq(asked).dump(), digest, nonce, policy)


def token_of(answer: bytes, asked: Request) -> bytes:
    """The token in an authority's answer to ``asked``. ``Unproven`` when it refused or answered something else."""
    from asn1crypto import tsp

    try:
        reply = tsp.TimeStampResp.load(answer, strict=True)
        status = reply["status"]["status"].native
        if status not in _GRANTED:
            raise Unproven(f"时间戳机构没有签发（{status}）", code="verify.stamp")
        token = reply["time_stamp_token"]
        info = _info(token)
        nonce, policy = info["nonce"].native, info["policy"].native
        digest = info["message_imprint"]["hashed_message"].native
        data: bytes = token.dump()
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Unproven("时间戳机构的答复不是 RFC 3161 答复", code="verify.stamp") from None
    if nonce != asked.nonce or digest != asked.digest or (asked.policy and policy != asked.policy):
        raise Unproven("时间戳机构的答复与请求不符", code="verify.stamp")
    return data


def _info(token: Any) -> Any:
    return token["content"]["encap_content_info"]["content"].parsed


def verify_stamp(token: bytes, text: str, roots: str) -> Stamp:
    """What ``token`` proves of ``text``, under the authority's root certificates (PEM). ``Unproven`` otherwise.

    Signature, imprint, the certificate's purpose and its chain are checked as of the stamp's own moment;
    revocation is not asked for (no network).
    """
    from asn1crypto import cms, pem, x509
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
    from pyhanko.sign.validation.status import TimestampSignatureStatus
    from pyhanko_certvalidator import ValidationContext

    try:
        blocks = pem.unarmor(roots.encode(), multiple=True)
        trusted = [x509.Certificate.load(der) for kind, _, der in blocks if kind == "CERTIFICATE"]
    except ValueError:
        trusted = []
    if not trusted:
        raise Unproven("没有时间戳机构的根证书（PEM）", code="verify.stamp")
    try:
        content = cms.ContentInfo.load(token, strict=True)
        signed = content["content"]
        info = _info(content)
        moment: datetime = info["gen_time"].native
        policy = str(info["policy"].native)
        if info["message_imprint"]["hash_algorithm"]["algorithm"].native != "sha256":
            raise Unproven("时间戳所用的摘要算法不是 SHA-256", code="verify.stamp")
        context = ValidationContext(
            trust_roots=trusted, other_certs=_others(signed), moment=moment, allow_fetching=False,
            revocation_mode="soft-fail",
        )  # fmt: skip
        found = TimestampSignatureStatus(
            **_run(validate_tst_signed_data(signed, context, lambda _: sha256(text.encode()).digest()))
        )
    except (ValueError, TypeError, KeyError, AttributeError, SignatureValidationError):
        raise Unproven("不是完好的 RFC 3161 时间戳", code="verify.stamp") from None
    if not found.intact or not found.valid:
        raise Unproven("时间戳与检查点不符，或者签名不成立", code="verify.stamp")
    if not found.trusted:
        raise Unproven("时间戳不是由所给根证书下的时间戳机构签发", code="verify.stamp")
    return Stamp(moment, policy, str(found.signing_cert.subject.human_friendly))


def _others(signed: Any) -> list[Any]:
    """Certificates that came with the token: for the way up to a root, trusted by nobody."""
    chosen = signed["certificates"]
    return [c.chosen for c in chosen if c.name == "certificate"] if chosen else []


def _run(work: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    return asyncio.run(work)


def armoured(note: str, token: bytes) -> str:
    """A checkpoint with its stamp as one text file."""
    encoded = base64.b64encode(token).decode()
    lines = "\n".join(encoded[i : i + 64] for i in range(0, len(encoded), 64))
    return f"{note}\n{BEGIN}\n{lines}\n{END}\n"


def unarmoured(text: str) -> tuple[str, bytes]:
    """The checkpoint note and the token in such a file. ``Unproven`` when it is none."""
    note, found, rest = text.partition(f"\n{BEGIN}\n")
    body, ended, after = rest.partition(f"\n{END}\n")
    if not found or not ended or after:
        raise Unproven("不是附有时间戳的检查点", code="verify.format")
    try:
        return note, notes.unbase64("".join(body.split("\n")))
    except notes.BadNote:
        raise Unproven("时间戳不是 Base64", code="verify.format") from None


def told(token: bytes) -> tuple[bytes, datetime, str] | None:
    """Imprint, moment and policy that a token states, its signature unchecked; None when it is no token."""
    from asn1crypto import cms

    try:
        info = _info(cms.ContentInfo.load(token, strict=True))
        return (
            info["message_imprint"]["hashed_message"].native,
            info["gen_time"].native,
            str(info["policy"].native),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
