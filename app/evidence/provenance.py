"""C2PA content credentials on display renditions, where the operator has configured a certificate (A3). Optional.

The manifest says what was done to the picture and which original it was made from; it names nobody. The library is an
extra (requirements-c2pa.txt), loaded only in a job that signs: nothing here runs, and nothing is needed, without
`C2PA_CERT` and `C2PA_KEY`.
"""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.version import VERSION

_log = logging.getLogger(__name__)
ORIGINAL: Final = "doorstep.original"
"""Label of our own assertion: id of the evidence and SHA-256 of the original."""
_CAPTURE: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
_JPEG: Final = "image/jpeg"
_SETTINGS: Final[dict[str, Any]] = {
    # No second copy of the picture in the file, and no network: neither for revocation lists nor for manifests.
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"verify_after_sign": True, "verify_trust": False, "ocsp_fetch": False, "remote_manifest_fetch": False},
}


@dataclass(frozen=True, slots=True)
class Signing:
    """The PEM files of the certificate chain, leaf first, and of its P-256 key (ES256)."""

    certificates: Path
    key: Path

    @classmethod
    def of(cls, certificates: Path | None, key: Path | None) -> Signing | None:
        """Return the signing that is configured, or None."""
        return cls(certificates, key) if certificates and key else None


@dataclass(frozen=True, slots=True)
class Made:
    """How a display rendition came about: from which original, whence that came, and whether it was made smaller."""

    evidence_id: str
    sha256: str
    media_type: str
    source: str
    resized: bool


def signed(signing: Signing | None, display: bytes, made: Made) -> bytes:
    """Return the JPEG with a signed manifest inside; as it was where nothing is configured or signing fails.

    A failure is logged and costs the manifest alone: the picture is evidence with or without it.
    """
    if signing is None:
        return display
    try:
        return _signed(signing, display, made)
    except Exception as error:
        # Whatever the library raises, for a certificate that has expired or a file that is gone: never the picture.
        _log.warning("佐证 %s 的展示图未能加上 C2PA 内容凭证，已不带凭证存放：%s", made.evidence_id, error)
        return display


def _signed(signing: Signing, display: bytes, made: Made) -> bytes:
    import c2pa

    info = c2pa.C2paSignerInfo(
        c2pa.C2paSigningAlg.ES256, signing.certificates.read_bytes(), signing.key.read_bytes(), None
    )
    target = io.BytesIO()
    with (
        c2pa.Context.from_dict(_SETTINGS) as context,
        c2pa.Signer.from_info(info) as signer,
        c2pa.Builder(manifest(made), context) as builder,
    ):
        builder.sign(signer, _JPEG, io.BytesIO(display), target)
    return target.getvalue()


def manifest(made: Made) -> dict[str, Any]:
    """Return what the manifest says: the actions in order, the original's hash, and the program that did it."""
    camera = made.source == "camera"
    first: dict[str, Any] = {"action": "c2pa.created", "digitalSourceType": _CAPTURE}
    if not camera:
        # A file that somebody brought: nothing is known of how it came about, so it was only opened.
        first = {"action": "c2pa.opened", "parameters": {"ingredientIds": [made.evidence_id]}}
    actions = [first]
    if made.resized:
        actions.append({"action": "c2pa.resized", "description": "缩小到便于手机查看的尺寸；原件另存，未改动"})
    actions.append({"action": "c2pa.edited", "description": "转正、重新压缩，并在画面下方加了一条说明；别无修改"})
    said: dict[str, Any] = {
        "claim_generator_info": [{"name": "Doorstep", "version": VERSION}],
        "format": _JPEG,
        "title": f"{made.evidence_id}.jpg",
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": actions}},
            {"label": ORIGINAL, "data": {"evidence_id": made.evidence_id, "sha256": made.sha256}},
        ],
    }
    if not camera:
        # Described, not read: a stranger's file is parsed by no further library, and its own claims are not ours.
        original = {"title": "original", "format": made.media_type, "relationship": "parentOf"}
        said["ingredients"] = [{**original, "label": made.evidence_id, "instance_id": f"sha256:{made.sha256}"}]
    return said
