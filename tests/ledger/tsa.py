"""A time-stamp authority of the tests' own: a root, a stamping certificate, answers to RFC 3161 requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

POLICY = "1.3.6.1.4.1.4146.2.2"
"""What pyHanko's own stamper says."""


@dataclass
class Authority:
    root: str
    stamper: DummyTimeStamper

    def answer(self, body: bytes) -> bytes:
        return bytes(self.stamper.request_tsa_response(tsp.TimeStampReq.load(body)).dump())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(
    name: str,
    key: rsa.RSAPrivateKey,
    issuer: str,
    issuer_key: rsa.RSAPrivateKey,
    at: datetime,
    *,
    purpose: x509.ObjectIdentifier | None,
) -> x509.Certificate:
    made = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=30))
        .not_valid_after(at + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=purpose is None, path_length=None), critical=True)
    )
    if purpose is not None:
        made = made.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
        made = made.add_extension(_usage(signs=True), critical=True)
    else:
        made = made.add_extension(_usage(signs=False), critical=True)
    return made.sign(issuer_key, hashes.SHA256())


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=not signs, crl_sign=not signs, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def authority(
    at: datetime, *, name: str = "示例时间戳机构", purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING,
    moment: datetime | None = None,
) -> Authority:  # fmt: skip
    root_key, key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    root = _certificate(f"{name}根", root_key, f"{name}根", root_key, at, purpose=None)
    leaf = _certificate(name, key, f"{name}根", root_key, at, purpose=purpose)
    der = [asn1_x509.Certificate.load(c.public_bytes(serialization.Encoding.DER)) for c in (leaf, root)]
    private = asn1_keys.PrivateKeyInfo.load(
        key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    stamper = DummyTimeStamper(
        der[0], private, certs_to_embed=SimpleCertificateStore.from_certs([der[1]]),
        fixed_dt=(moment or at).astimezone(UTC),
    )  # fmt: skip
    return Authority(root.public_bytes(serialization.Encoding.PEM).decode(), stamper)
