"""A time-stamping authority on a loopback socket that speaks RFC 3161: own root, own signing certificate."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

POLICY = "1.3.6.1.4.1.99999.1"


@dataclass(frozen=True)
class Identity:
    """A root and the certificate that it gave the authority; `purpose` is what that one may be used for."""

    root: x509.Certificate
    leaf: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.root.public_bytes(serialization.Encoding.PEM)


def identity(name: str = "测试时间戳", purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING) -> Identity:
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name}根")])
    root = (
        _template(root_name, root_name, root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        _template(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), root_name, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    return Identity(root, leaf, key)


def _template(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=not signs, crl_sign=not signs, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def answer(who: Identity, query: bytes, at: datetime, **lies: Any) -> bytes:
    """The response to a request as an honest authority gives it; `lies` replace fields of what is signed."""
    asked = tsp.TimeStampReq.load(query)
    info = tsp.TSTInfo(
        {
            "version": "v1", "policy": POLICY, "message_imprint": asked["message_imprint"], "serial_number": 7,
            "gen_time": at.replace(microsecond=0), "nonce": asked["nonce"],
        } | lies
    )  # fmt: skip
    body, leaf = info.dump(), who.leaf.public_bytes(serialization.Encoding.DER)
    certificate = asn1_x509.Certificate.load(leaf)
    ess = tsp.SigningCertificateV2(
        {"certs": [{"hash_algorithm": {"algorithm": "sha256"}, "cert_hash": hashlib.sha256(leaf).digest()}]}
    )
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(body).digest()]}),
            cms.CMSAttribute({"type": "signing_certificate_v2", "values": [ess]}),
        ]
    )
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": {"issuer_and_serial_number": cms.IssuerAndSerialNumber(
                {"issuer": certificate.issuer, "serial_number": certificate.serial_number})},
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
            "signature": who.key.sign(attributes.untag().dump(), ec.ECDSA(hashes.SHA256())),
        }
    )  # fmt: skip
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(body)},
            "certificates": [certificate],
            "signer_infos": [signer],
        }
    )
    token = cms.ContentInfo({"content_type": "signed_data", "content": signed})
    return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump()


def refusal() -> bytes:
    """A response that says no (PKIStatus 2) and, as it then does, carries no token."""
    return bytes.fromhex("30053003020102")


@dataclass
class Authority:
    """Answers honestly, or as `answers` say: each a function of the request, or a status to fail with."""

    who: Identity = field(default_factory=identity)
    at: datetime | None = None
    answers: list[Any] = field(default_factory=list)
    queries: list[bytes] = field(default_factory=list)

    def __enter__(self) -> Authority:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.take(self)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/tsr"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        assert handler.headers["Content-Type"] == "application/timestamp-query"
        query = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.queries.append(query)
        way = self.answers.pop(0) if self.answers else None
        status = way if isinstance(way, int) else 200
        body = b"" if isinstance(way, int) else way(query) if way else self.honest(query)
        handler.send_response(status)
        handler.send_header("Content-Type", "application/timestamp-reply")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def honest(self, query: bytes) -> bytes:
        return answer(self.who, query, self.at or datetime.now(UTC))

    def ca_file(self, folder: Path) -> Path:
        path = folder / "tsa-ca.pem"
        path.write_bytes(self.who.pem)
        return path
