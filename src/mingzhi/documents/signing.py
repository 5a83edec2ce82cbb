"""PAdES: each body's signing certificate, and the signature on a page.

Made at first use: an authority of this installation and one P-256 certificate per body, under
``settings.KEYS_ROOT/papers``. A bureau replaces its own with one from a public authority
(``install_certificate``); pages signed before keep the old one inside.
docs/algorithms/paper-numbers.md has the trust line.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings

from mingzhi.kernel.errors import Invalid

if TYPE_CHECKING:
    from pyhanko.sign import signers

# pyHanko and what it brings take two seconds to import: whoever signs pays, not every start.

FIELD = "MingzhiSeal"
_CA_YEARS = 30
_BODY_YEARS = 20
_RESERVED = 2 * 12_288  # hex digits: a long chain of an outside authority fits too
_lock = threading.Lock()


def folder() -> Path:
    return Path(settings.KEYS_ROOT) / "papers"


def _name(common: str, organ: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organ[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, common[:64]),
        ]
    )


def _write(path: Path, data: bytes, *, secret: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = path.with_suffix(path.suffix + ".new")
    half.touch(mode=0o600 if secret else 0o644)
    half.write_bytes(data)
    half.replace(path)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _authority(at: datetime) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key_path, cert_path = folder() / "ca.key", folder() / "ca.crt"
    if key_path.exists() and cert_path.exists():
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key, x509.load_pem_x509_certificate(cert_path.read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("明执文书签章根证书", "明执")
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=365 * _CA_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(ca=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(key_path, _private(key), secret=True)
    _write(cert_path, cert.public_bytes(serialization.Encoding.PEM), secret=False)
    return key, cert


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca, content_commitment=not ca, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=ca, crl_sign=ca, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _body_pair(body_id: int, body_name: str, at: datetime) -> tuple[Path, Path]:
    key_path, cert_path = folder() / f"body-{body_id}.key", folder() / f"body-{body_id}.crt"
    if key_path.exists() and cert_path.exists():
        return key_path, cert_path
    with _lock:
        if key_path.exists() and cert_path.exists():
            return key_path, cert_path
        ca_key, ca = _authority(at)
        key = ec.generate_private_key(ec.SECP256R1())
        cert = (
            x509.CertificateBuilder()
            .subject_name(_name(f"{body_name}文书签章", body_name))
            .issuer_name(ca.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(at - timedelta(days=1))
            .not_valid_after(at + timedelta(days=365 * _BODY_YEARS))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(ca=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
            )
            .sign(ca_key, hashes.SHA256())
        )
        _write(key_path, _private(key), secret=True)
        chain = cert.public_bytes(serialization.Encoding.PEM) + ca.public_bytes(serialization.Encoding.PEM)
        _write(cert_path, chain, secret=False)
    return key_path, cert_path


@lru_cache(maxsize=64)
def _signer(key_path: str, cert_path: str, stamp: tuple[int, int]) -> tuple[signers.SimpleSigner, str]:
    key = serialization.load_pem_private_key(Path(key_path).read_bytes(), None)
    chain = x509.load_pem_x509_certificates(Path(cert_path).read_bytes())
    der = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    from asn1crypto import keys as asn1_keys  # type: ignore[import-untyped]
    from asn1crypto import x509 as asn1_x509
    from pyhanko.sign import signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    for cert in chain:
        store.register(asn1_x509.Certificate.load(cert.public_bytes(serialization.Encoding.DER)))
    signer = signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(chain[0].public_bytes(serialization.Encoding.DER)),
        signing_key=asn1_keys.PrivateKeyInfo.load(der),
        cert_registry=store,
    )
    return signer, chain[0].fingerprint(hashes.SHA256()).hex()


def sign_pdf(pdf: bytes, *, body_id: int, body_name: str, reason: str, at: datetime) -> tuple[bytes, str]:
    """The page with the body's signature (PAdES-B-B), and the certificate's SHA-256 fingerprint."""
    key_path, cert_path = _body_pair(body_id, body_name, at)
    stamp = (key_path.stat().st_mtime_ns, cert_path.stat().st_mtime_ns)
    signer, mark = _signer(str(key_path), str(cert_path), stamp)
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        name=body_name,
        reason=reason,
    )
    out = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
    # Room for the signature is reserved at a fixed size: estimating it would sign everything twice.
    signers.sign_pdf(writer, meta, signer=signer, output=out, bytes_reserved=_RESERVED)
    return out.getvalue(), mark


def install_certificate(
    *, body_id: int, key_pem: bytes, chain_pem: bytes, at: datetime, password: bytes | None = None
) -> str:
    """Replace a body's signing certificate by its own; returns the fingerprint.

    ``chain_pem`` begins with the body's certificate. Refused when key and certificate do not belong
    together, the certificate is not in force at ``at``, or it may not sign.
    """

    def refuse(why: str) -> Invalid:
        return Invalid(
            why, code="documents.certificate", remedy="请向证书颁发机构核对密钥和证书文件后重新导入"
        )

    try:
        key = serialization.load_pem_private_key(key_pem, password)
        chain = x509.load_pem_x509_certificates(chain_pem)
    except (ValueError, TypeError):
        raise refuse("密钥或者证书文件无法读取") from None
    if not chain:
        raise refuse("证书文件中没有证书")
    cert = chain[0]
    encode: Callable[[object], bytes] = lambda k: k.public_bytes(  # type: ignore[attr-defined]  # noqa: E731
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    if encode(key.public_key()) != encode(cert.public_key()):
        raise refuse("密钥与证书不是一对")
    moment = at.astimezone(UTC)
    if not cert.not_valid_before_utc <= moment <= cert.not_valid_after_utc:
        raise refuse("证书不在有效期内")
    usage = next((e.value for e in cert.extensions if isinstance(e.value, x509.KeyUsage)), None)
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        raise refuse("该证书不能用于签名")
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(folder() / f"body-{body_id}.key", plain, secret=True)
    _write(folder() / f"body-{body_id}.crt", chain_pem, secret=False)
    return cert.fingerprint(hashes.SHA256()).hex()
