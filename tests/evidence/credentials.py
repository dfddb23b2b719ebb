"""A certification authority of the tests' own, whose leaf may sign claims: what C2PA asks of certificates, no more."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app import clock
from app.evidence.provenance import Signing


def key_file(folder: Path, name: str, curve: ec.EllipticCurve | None = None) -> tuple[Path, ec.EllipticCurvePrivateKey]:
    """Write a new private key as PKCS#8 and return its path and itself."""
    key = ec.generate_private_key(curve or ec.SECP256R1())
    path = folder / name
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    return path, key


def signing(folder: Path, curve: ec.EllipticCurve | None = None, days: int = 30) -> Signing:
    """Write a chain (leaf first) and the leaf's key; with negative `days` the leaf has already expired."""
    authority = ec.generate_private_key(ec.SECP256R1())
    path, key = key_file(folder, "leaf.key", curve)
    root = _certificate("Test Root", authority.public_key(), "Test Root", authority, 30, authority=True)
    leaf = _certificate("Test Signer", key.public_key(), "Test Root", authority, days, authority=False)
    chain = folder / "chain.pem"
    chain.write_bytes(b"".join(c.public_bytes(serialization.Encoding.PEM) for c in (leaf, root)))
    return Signing(chain, path)


def _name(text: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, text), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "T")]
    )


def _certificate(
    subject: str, public: ec.EllipticCurvePublicKey, issuer: str, by: ec.EllipticCurvePrivateKey,
    days: int, authority: bool,
) -> x509.Certificate:  # fmt: skip
    now = clock.now()
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
         "decipher_only"), False,
    )  # fmt: skip
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(digital_signature=not authority, key_cert_sign=authority, crl_sign=authority, **usage),
            critical=True,
        )
    )
    if not authority:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return made.sign(by, hashes.SHA256())
