"""Content credentials of display renditions: signed where configured, by the worker's path; read by the library's own
Reader. Without configuration nothing is signed, and a failure costs the manifest, never the picture."""

from __future__ import annotations

import dataclasses
import io
import json
import sys
from pathlib import Path
from typing import Any

import c2pa
import pytest
import scenario
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from evidence import corpus, credentials
from PIL import Image

from app import clock
from app.evidence.provenance import ORIGINAL, Signing
from app.evidence.storage import THUMB, DiskStore, display_of
from app.journal import relay
from app.subscribers import REACTIONS
from app.worker import Context, perform_with
from config import Config, ConfigError

pytestmark = pytest.mark.slow


class Studio:
    """Declares and uploads photos, and does what the worker does with a certain configuration."""

    def __init__(self, world: scenario.World, config: Config, ticket_id: str) -> None:
        self.world, self.config, self.ticket_id = world, config, ticket_id
        self.store = DiskStore(config.evidence_dir)

    def made(self, content: bytes, signing: Signing | None, **declared: Any) -> tuple[str, bytes]:
        """Return the evidence id and the display rendition as a browser gets it."""
        evidence_id = self.world.liaison.declare(self.ticket_id, content, "before", **declared)
        assert self.world.liaison.upload(evidence_id, content).status_code == 204
        relay.relay(self.world.database, REACTIONS, clock.now())
        used = self.config
        if signing is not None:
            used = dataclasses.replace(used, c2pa_cert=signing.certificates, c2pa_key=signing.key)
        perform_with(Context(used, self.world.database, self.store), f"render:{evidence_id}")
        return evidence_id, self.world.leader.call("GET", f"/api/v1/evidence/{evidence_id}/display").data

    def shown(self, evidence_id: str) -> dict[str, Any]:
        return next(e for e in self.world.leader.detail(self.ticket_id)["evidence"] if e["id"] == evidence_id)


@pytest.fixture
def studio(world: scenario.World, config: Config, ticket_id: str) -> Studio:
    return Studio(world, config, ticket_id)


@pytest.fixture
def signing(tmp_path: Path) -> Signing:
    return credentials.signing(tmp_path)


def read(content: bytes) -> c2pa.Reader:
    """Read as a stranger does who trusts no authority: `Valid` is then the best that can be said."""
    return c2pa.Reader("image/jpeg", io.BytesIO(content))


def codes(reader: c2pa.Reader) -> set[str]:
    return {said["code"] for said in reader.get_validation_results()["activeManifest"]["failure"]}


def has_manifest(content: bytes) -> bool:
    try:
        read(content)
    except c2pa.C2paError.ManifestNotFound:
        return False
    return True


@pytest.mark.clause("A3", partial="content credentials where configured")
def test_what_the_worker_signs_says_how_it_was_made_and_names_nobody(studio: Studio, signing: Signing) -> None:
    content = corpus.encoded(corpus.scenery(4800, 3600))
    evidence_id, display = studio.made(content, signing)
    shown, reader = studio.shown(evidence_id), read(display)
    assert reader.get_validation_state() == "Valid" and codes(reader) == {"signingCredential.untrusted"}
    manifest = reader.get_active_manifest()
    assert manifest["claim_generator_info"][0]["name"] == "Doorstep"
    said = {a["label"]: a["data"] for a in manifest["assertions"]}
    assert said[ORIGINAL] == {"evidence_id": evidence_id, "sha256": shown["sha256"]}
    actions = said["c2pa.actions.v2"]["actions"]
    assert [a["action"] for a in actions] == ["c2pa.created", "c2pa.resized", "c2pa.edited"]
    assert actions[0]["digitalSourceType"].endswith("/digitalCapture") and "说明" in actions[2]["description"]
    text = json.dumps(json.loads(reader.json()), ensure_ascii=False)
    number = studio.world.leader.ticket(studio.ticket_id)["number"]
    for name in (shown["by"]["name"], number):
        assert name and name not in text
    image = Image.open(io.BytesIO(display))
    image.load()
    assert image.height == shown["display_height"] + shown["strip_px"]
    assert studio.store.original(shown["sha256"]).read_bytes() == content, "the original is nobody's to sign"
    assert not has_manifest(studio.store.rendition(shown["sha256"], THUMB).read_bytes())


def test_who_trusts_the_authority_sees_it_trusted(studio: Studio, signing: Signing) -> None:
    _, display = studio.made(corpus.turned(1), signing)
    root = "-----BEGIN" + signing.certificates.read_text().split("-----BEGIN")[2]
    settings = {"trust": {"user_anchors": root}, "verify": {"verify_trust": True}}
    with c2pa.Context.from_dict(settings) as context:
        reader = c2pa.Reader("image/jpeg", io.BytesIO(display), context=context)
        assert reader.get_validation_state() == "Trusted" and codes(reader) == set()


def test_one_changed_byte_of_the_picture_is_seen(studio: Studio, signing: Signing) -> None:
    _, display = studio.made(corpus.encoded(corpus.scenery(1600, 1200)), signing)
    for at in (len(display) // 2, len(display) - 200):
        altered = bytearray(display)
        altered[at] ^= 1
        reader = read(bytes(altered))
        assert reader.get_validation_state() == "Invalid" and "assertion.dataHash.mismatch" in codes(reader)


def test_an_imported_photo_was_opened_not_taken(studio: Studio, signing: Signing) -> None:
    content = corpus.encoded(corpus.scenery(1600, 1200))
    evidence_id, display = studio.made(content, signing, source="gallery")
    reader = read(display)
    assert reader.get_validation_state() == "Valid"
    manifest = reader.get_active_manifest()
    [said] = [a["data"]["actions"] for a in manifest["assertions"] if a["label"] == "c2pa.actions.v2"]
    assert [a["action"] for a in said] == ["c2pa.opened", "c2pa.edited"], "it kept its size"
    [parent] = manifest["ingredients"]
    assert parent["relationship"] == "parentOf"
    assert parent["instance_id"] == f"sha256:{studio.shown(evidence_id)['sha256']}"


def test_without_configuration_there_is_no_manifest(studio: Studio) -> None:
    evidence_id, display = studio.made(corpus.turned(1), None)
    assert studio.shown(evidence_id)["state"] == "ready" and display[:2] == b"\xff\xd8"
    assert not has_manifest(display)


@pytest.mark.parametrize("broken", ["expired", "gone", "other key", "not installed"])
def test_what_cannot_be_signed_is_stored_all_the_same(
    studio: Studio, tmp_path: Path, broken: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    signing = credentials.signing(tmp_path, days=-1 if broken == "expired" else 30)
    if broken == "gone":
        signing.key.unlink()
    elif broken == "other key":
        credentials.key_file(tmp_path, signing.key.name)
    elif broken == "not installed":
        monkeypatch.setitem(sys.modules, "c2pa", None)
    evidence_id, display = studio.made(corpus.turned(6), signing)
    shown = studio.shown(evidence_id)
    assert shown["state"] == "ready" and shown["has_display"] and shown["strip_px"] > 0
    assert Image.open(io.BytesIO(display)).height == shown["display_height"] + shown["strip_px"]
    assert studio.store.rendition(shown["sha256"], display_of(evidence_id)).read_bytes() == display
    assert not has_manifest(display)
    assert f"佐证 {evidence_id} 的展示图未能加上 C2PA 内容凭证" in caplog.text


def refused(tmp_path: Path, signing: Signing, **other: str) -> str:
    given = {"C2PA_CERT": str(signing.certificates), "C2PA_KEY": str(signing.key)}
    with pytest.raises(ConfigError) as error:
        Config.from_environ({"SECRET_KEY": "x" * 40, "VAR_DIR": str(tmp_path)} | given | other)
    return str(error.value)


def test_a_wrong_configuration_is_refused_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signing = credentials.signing(tmp_path)
    base = {"SECRET_KEY": "x" * 40, "VAR_DIR": str(tmp_path)}
    given = {"C2PA_CERT": str(signing.certificates), "C2PA_KEY": str(signing.key)}
    right = Config.from_environ(base | given)
    assert Signing.of(right.c2pa_cert, right.c2pa_key) == signing
    nothing = Config.from_environ(base)
    assert Signing.of(nothing.c2pa_cert, nothing.c2pa_key) is None
    assert "须同时设置" in refused(tmp_path, signing, C2PA_KEY="")
    assert "C2PA_KEY 指定的文件不存在" in refused(tmp_path, signing, C2PA_KEY=str(tmp_path / "none.pem"))
    assert "C2PA_CERT 须是可读的 PEM 证书链" in refused(tmp_path, signing, C2PA_CERT=str(signing.key))
    assert "C2PA_KEY 须是可读的 PEM 私钥" in refused(tmp_path, signing, C2PA_KEY=str(signing.certificates))
    other, _ = credentials.key_file(tmp_path, "other.key")
    assert "不是一对" in refused(tmp_path, signing, C2PA_KEY=str(other))
    long, key = credentials.key_file(tmp_path, "long.key", ec.SECP384R1())
    assert "P-256" in refused(tmp_path, signing, C2PA_KEY=str(long))
    old, form = serialization.PrivateFormat.TraditionalOpenSSL, serialization.Encoding.PEM
    long.write_bytes(key.private_bytes(form, old, serialization.NoEncryption()))
    assert "PKCS#8" in refused(tmp_path, signing, C2PA_KEY=str(long))
    monkeypatch.setitem(sys.modules, "c2pa", None)
    assert "requirements-c2pa.txt" in refused(tmp_path, signing)


def test_an_expired_certificate_does_not_keep_the_service_from_starting(tmp_path: Path) -> None:
    signing = credentials.signing(tmp_path, days=-1)
    given = {"C2PA_CERT": str(signing.certificates), "C2PA_KEY": str(signing.key)}
    right = Config.from_environ({"SECRET_KEY": "x" * 40, "VAR_DIR": str(tmp_path)} | given)
    assert right.c2pa_cert == signing.certificates
