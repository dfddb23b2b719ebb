"""A certificate for trying the product on a real phone: ``python certificate.py FOLDER ADDRESS…``.

Runs inside the virtual environment (needs cryptography). Makes a certification authority once and a server
certificate for the machine's addresses, renewed when they change or it is about to end. The authority is
constrained to local names, private networks and this machine's addresses, so that trusting it on a phone gives
nobody power over the phone's other connections.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import socket
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_PRIVATE = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10",
            "::1/128", "fc00::/7")  # fmt: skip
_AUTHORITY_DAYS, _SERVER_DAYS, _RENEW_DAYS = 3650, 390, 30

Key = ec.EllipticCurvePrivateKey
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def ensure(folder: Path, addresses: list[str]) -> None:
    """Write ca.crt, ca.key, server.crt and server.key into the folder unless the present ones still serve."""
    parsed = {ipaddress.ip_address(address) for address in ("127.0.0.1", "::1", *addresses)}
    authority_key, authority = _authority(folder, parsed)
    names = _names(parsed)
    if _serves(folder / "server.crt", authority, names):
        return
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder("Doorstep", _SERVER_DAYS, key, authority.subject)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    _write_key(folder / "server.key", key)
    (folder / "server.crt").write_bytes(_pem(certificate) + _pem(authority))


def _authority(folder: Path, addresses: set[Address]) -> tuple[Key, x509.Certificate]:
    key_file, file = folder / "ca.key", folder / "ca.crt"
    if key_file.exists() and file.exists():
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        if isinstance(key, ec.EllipticCurvePrivateKey) and _lasts(certificate) and _vouches(certificate, addresses):
            return key, certificate
    key = ec.generate_private_key(ec.SECP256R1())
    public = sorted(str(address) for address in addresses if not _is_private(address))
    networks = [x509.IPAddress(ipaddress.ip_network(network)) for network in (*_PRIVATE, *public)]
    names = [x509.DNSName("localhost"), x509.DNSName("local"), x509.DNSName(socket.gethostname().lower())]
    certificate = (
        _builder(f"Doorstep local CA ({socket.gethostname()})"[:64], _AUTHORITY_DAYS, key, None)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.NameConstraints([*networks, *names], None), critical=True)
        .add_extension(_signs_certificates(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_key(key_file, key)
    file.write_bytes(_pem(certificate))
    return key, certificate


def _builder(name: str, days: int, key: Key, issuer: x509.Name | None) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)  # a phone's clock may be behind
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=days))
    )


def _signs_certificates() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _is_private(address: Address) -> bool:
    return any(address in ipaddress.ip_network(network) for network in _PRIVATE)


def _vouches(authority: x509.Certificate, addresses: set[Address]) -> bool:
    """Whether the authority was made for these addresses: a machine moved to a public one needs another."""
    permitted = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    networks = [name.value for name in permitted if isinstance(name, x509.IPAddress)]
    return all(any(address in network for network in networks) for address in addresses)  # type: ignore[operator]


def _names(addresses: set[Address]) -> list[x509.GeneralName]:
    """localhost, the machine's name, its addresses."""
    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    host = socket.gethostname().lower()
    if host != "localhost" and host.isascii():
        names.append(x509.DNSName(host))
    return names + [x509.IPAddress(address) for address in sorted(addresses, key=str)]


def _serves(file: Path, authority: x509.Certificate, names: list[x509.GeneralName]) -> bool:
    if not file.exists() or not file.with_suffix(".key").exists():
        return False
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    present = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    issued = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    ours = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    return issued == ours and list(present) == names and _lasts(certificate)


def _lasts(certificate: x509.Certificate) -> bool:
    return certificate.not_valid_after_utc > dt.datetime.now(dt.UTC) + dt.timedelta(days=_RENEW_DAYS)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write_key(path: Path, key: Key) -> None:
    form = serialization.PrivateFormat.PKCS8
    content = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)


if __name__ == "__main__":
    ensure(Path(sys.argv[1]), sys.argv[2:])
