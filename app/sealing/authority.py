"""Time stamps as RFC 3161 has them: the request, and whether an answer holds. No network here.

What is stamped is a day's document; the imprint in the stamp is its SHA-256, which is the day's root. So
`openssl ts -verify -data <document> -in <answer> -CAfile <ca>` says the same without us.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import certifi
from cryptography import x509
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerificationError, VerifierBuilder
from rfc3161_client import decode_timestamp_response as decode
from rfc3161_client.tsp import TimeStampRequest

SHA256: Final = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_END: Final = b"-----END CERTIFICATE-----"


class StampInvalid(Exception):
    """An answer that proves nothing; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a valid answer says: when its authority saw the document, and who the authority is."""

    at: datetime
    name: str


def request_for(text: str) -> TimeStampRequest:
    """Return a request for a stamp on a document, with a fresh nonce, asking for the authority's certificate."""
    return TimestampRequestBuilder().data(text.encode()).hash_algorithm(HashAlgorithm.SHA256).build()


def read_authorities(pem: bytes) -> list[x509.Certificate]:
    """Return the certificates of a PEM file. Raises `ValueError` when there is none."""
    return x509.load_pem_x509_certificates(pem)


def public_authorities() -> list[x509.Certificate]:
    """Return the certificates that browsers trust, for where no file of its own is configured."""
    found = []
    for block in Path(certifi.where()).read_bytes().split(_END)[:-1]:
        with warnings.catch_warnings(), contextlib.suppress(ValueError):
            # One old root has the serial number 0, at which the library frowns; one less to trust would do no harm.
            warnings.simplefilter("ignore")
            found.append(x509.load_pem_x509_certificate(block + _END))
    return found


def check(
    answer: bytes, text: str, authorities: Sequence[x509.Certificate], request: TimeStampRequest | None = None
) -> Stamp:
    """Return what the answer proves about a document. Raises `StampInvalid`.

    Checked: it was granted, its signature and certificates up to one of `authorities` (at the time it names), the
    purpose of the certificate, the imprint and, with the `request` at hand, the nonce.
    """
    try:
        response = decode(answer)
    except ValueError as error:
        raise StampInvalid("不是时间戳应答") from error
    if response.status != 0:
        raise StampInvalid("时间戳服务拒绝了请求")
    try:
        info = response.tst_info
        if info.message_imprint.hash_algorithm != SHA256:
            raise StampInvalid("时间戳用的不是 SHA-256")
        builder = VerifierBuilder.from_request(request) if request else VerifierBuilder()
        for certificate in dict.fromkeys(authorities):
            builder = builder.add_root_certificate(certificate)
        builder.build().verify_message(response, text.encode())
        return Stamp(info.gen_time, _signer(response.signed_data))
    except VerificationError as error:
        raise StampInvalid(_reason(str(error))) from error
    except ValueError as error:
        raise StampInvalid("时间戳的内容不完整") from error


def _signer(signed: object) -> str:
    """Return the name in the certificate that signed."""
    [signer] = signed.signer_infos  # type: ignore[attr-defined]
    for der in signed.certificates:  # type: ignore[attr-defined]
        certificate = x509.load_der_x509_certificate(der)
        if certificate.serial_number == signer.serial_number and certificate.issuer == signer.issuer:
            names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
            return str(names[0].value) if names else certificate.subject.rfc4514_string()
    return ""


def _reason(said: str) -> str:
    if "Nonce" in said:
        return "随机数不符，可能是旧的应答"
    if "Mismatch between messages" in said:
        return "时间戳盖的不是这份日根"
    if "EKU" in said:
        return "证书不是时间戳用途"
    return "签名或证书链不成立"
