"""Whatever is changed about a bundle, it no longer holds; and whatever file is handed in, nothing bad happens."""

from __future__ import annotations

import copy
import hashlib
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bundles.conftest import Town
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.bundles import archive, manifest
from app.bundles.check import Report, Trust, check
from app.cli import main
from app.journal.chain import Link, digest
from app.sealing import authority, documents
from app.sealing.documents import canonical
from app.sealing.keys import private_key

Members = dict[str, bytes]


@dataclass
class Sample:
    """A whole bundle with everything in it, what it is made of, and what a checker knows."""

    content: bytes
    members: Members
    trust: Trust
    key: Ed25519PrivateKey
    folder: Path

    def check(self, content: bytes) -> Report:
        path = self.folder / "tried.zip"
        path.write_bytes(content)
        return check(path, self.trust)


@pytest.fixture(scope="module")
def sample(town: Town) -> Sample:
    for _ in range(3):
        town.world.dispatched()
    ticket_id = town.handled()
    town.seal(1)
    content = town.file(ticket_id).read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    trusted = authority.read_authorities(Path(town.ca).read_bytes())
    return Sample(content, members, Trust(trusted), private_key(town.config.secret_key), town.folder)


def packed(members: Members) -> bytes:
    """The members in our own container: what is wrong is then wrong inside."""
    out = io.BytesIO()
    archive.write_directory(out, [archive.write_member(out, name, [content]) for name, content in members.items()])
    return out.getvalue()


def signed(sample: Sample, members: Members, change: Callable[[dict[str, Any]], None], key: Any = None) -> bytes:
    """Members changed, listed and signed anew, by the deployment's own key unless another is given.

    Nobody has that key; with it each check behind the signature is tried by itself.
    """
    listed = json.loads(members[manifest.MANIFEST])
    names = [name for name in members if name not in (manifest.MANIFEST, manifest.SIGNATURE)]
    known = {entry["name"]: entry for entry in listed["files"]}
    listed["files"] = [
        known.get(name, {"name": name, "role": "other"})
        | {"size": len(members[name]), "sha256": hashlib.sha256(members[name]).hexdigest()}
        for name in names
    ]
    used = key or sample.key
    listed["key"] = used.public_key().public_bytes_raw().hex()
    change(listed)
    text = canonical(listed)
    rest = {manifest.MANIFEST: text, manifest.SIGNATURE: manifest.sign(used, text)}
    return packed({name: members[name] for name in names} | rest)


def nothing(listed: dict[str, Any]) -> None:
    pass


def test_the_sample_holds_and_packing_it_again_is_the_same_file(sample: Sample) -> None:
    report = sample.check(sample.content)
    assert report.wrong == [] and len(report.good) >= 5
    assert packed(sample.members) == sample.content
    assert sample.check(signed(sample, sample.members, nothing)).wrong == []


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_one_bit_changed_anywhere_in_the_file_is_found(sample: Sample, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(sample.content) - 1))
    changed = bytearray(sample.content)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    assert sample.check(bytes(changed)).wrong != []


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_one_byte_changed_in_any_member_is_found_though_the_container_is_made_anew(
    sample: Sample, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(sample.members)))
    content = bytearray(sample.members[name])
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    assert sample.check(packed(sample.members | {name: bytes(content)})).wrong != [], name


def test_bytes_cut_off_or_added_are_found(sample: Sample) -> None:
    for length in random.Random(7).sample(range(len(sample.content)), 60):
        assert sample.check(sample.content[:length]).wrong != []
    assert sample.check(sample.content + b"\0").wrong != [] and sample.check(b"\0" + sample.content).wrong != []
    for name in sample.members:
        assert sample.check(packed(sample.members | {name: sample.members[name] + b"\n"})).wrong != [], name


def test_members_dropped_renamed_added_or_in_another_order_are_found(sample: Sample) -> None:
    names = list(sample.members)
    for name in names:
        dropped = {n: c for n, c in sample.members.items() if n != name}
        assert sample.check(packed(dropped)).wrong != [], name
        renamed = {(f"x-{n}" if n == name and "/" not in n else f"x/{n.replace('/', '-')}" if n == name else n): c
                   for n, c in sample.members.items()}  # fmt: skip
        assert sample.check(packed(renamed)).wrong != [], name
    one, other = sorted(n for n in names if n.startswith("originals/"))
    swapped = sample.members | {one: sample.members[other], other: sample.members[one]}
    assert f"内容被改：{one}" in sample.check(packed(swapped)).wrong
    assert sample.check(packed({n: sample.members[n] for n in [*names[1:], names[0]]})).wrong == ["文件的次序被改"]
    added = {"more.txt": b"hello"} | sample.members
    assert sample.check(packed(added)).wrong == ["多出清单之外的文件：more.txt"]
    assert sample.check(packed(dict(list(sample.members.items())[:-2]))).wrong == [
        "缺少清单 manifest.json 或其签名 manifest.sig"
    ]


def test_a_list_that_was_edited_or_signed_by_another_is_found(sample: Sample) -> None:
    listed = json.loads(sample.members[manifest.MANIFEST])
    for change in ({"reason": "另一个理由"}, {"unmasked": True}, {"made_at": "2020-01-01T00:00:00.000Z"}):
        text = canonical(listed | change)
        report = sample.check(packed(sample.members | {manifest.MANIFEST: text}))
        assert report.wrong == ["清单的签名不成立：manifest.json 或 manifest.sig 被改"]
    stranger = signed(sample, sample.members, nothing, Ed25519PrivateKey.generate())
    assert sample.check(stranger).wrong == ["清单的签名公钥不在所附的日根之中：清单可能是别人重新签名的"]
    upper = sample.members | {manifest.SIGNATURE: sample.members[manifest.SIGNATURE].upper()}
    assert sample.check(packed(upper)).wrong != []


def rehashed(text: bytes, change: Callable[[list[dict[str, Any]]], None]) -> tuple[bytes, int, str]:
    """The journal with a change and the whole chain hashed anew: lines, length, head."""
    rows = [json.loads(line) for line in text.splitlines()]
    change(rows)
    previous, lines = "0" * 64, []
    for seq, row in enumerate(rows, 1):
        link = Link(**row | {"subject_seq": seq, "prev_hash": previous})
        previous = digest(link)
        lines.append(manifest.link_bytes(link) + b"\n")
    return b"".join(lines), len(lines), previous


def test_each_check_behind_the_signature_finds_its_own_fault(sample: Sample) -> None:
    """With the deployment's key in hand: what is sealed still cannot be changed."""
    members, journal = sample.members, sample.members[manifest.JOURNAL]

    def with_journal(change: Callable[[list[dict[str, Any]]], None]) -> bytes:
        text, length, head = rehashed(journal, change)
        return signed(sample, members | {manifest.JOURNAL: text},
                      lambda listed: listed.update(journal={"length": length, "head": head}))  # fmt: skip

    day = documents.read(members[manifest.ROOTS].decode().splitlines()[0]).day
    rewritten = f"流水与 {day} 封存的不同：封存之后被改写或截断"
    assert rewritten in sample.check(with_journal(lambda rows: rows[0].update(at="2020-01-01T00:00:00.000Z"))).wrong
    assert rewritten in sample.check(with_journal(lambda rows: rows.__delitem__(slice(3, None)))).wrong
    assert rewritten in sample.check(with_journal(lambda rows: rows.__delitem__(1))).wrong

    lines = journal.splitlines(keepends=True)
    for text, said in (
        (b"".join(lines[:2] + lines[3:]), "流水第 3 条与前一条不相连"),
        (b"".join([lines[0], lines[2], lines[1], *lines[3:]]), "流水第 2 条与前一条不相连"),
        (b"".join(lines[:-1]), "流水的长度或链头与清单不符"),
        # One event in the middle rewritten, everything behind it as it was: head, length and seals all still fit.
        (
            b"".join([lines[0], lines[1].replace(b'"role":"station"', b'"role":"liaison"'), *lines[2:]]),
            "流水第 3 条与前一条不相连",
        ),
        (journal[:-1], "流水 journal.jsonl 不完整"),
        (journal.replace(b'"actor_id":', b'"actor_id": ', 1), "流水第 1 条读不出来"),
        (b"[" * 100_000 + b"\n" + journal, "流水第 1 条读不出来"),
    ):
        found = sample.check(signed(sample, members | {manifest.JOURNAL: text}, nothing)).wrong
        assert [w for w in found if w.startswith(said)], (said, found)

    one = sorted(n for n in members if n.startswith("originals/"))[0]
    report = sample.check(signed(sample, members | {one: b"another picture"}, nothing))
    assert report.wrong == [f"原件 {one} 与登记的指纹不符"]

    def forget(listed: dict[str, Any]) -> None:
        listed["evidence"] = listed["evidence"][1:]

    assert "不在清单中" in sample.check(signed(sample, members, forget)).wrong[0]

    def restate(listed: dict[str, Any]) -> None:
        listed["evidence"][0]["sha256"] = "ab" * 32

    assert "与流水中登记的指纹不符" in sample.check(signed(sample, members, restate)).wrong[0]


def test_each_seal_check_finds_its_own_fault(sample: Sample) -> None:
    members = sample.members
    proof = json.loads(members[manifest.PROOF])

    def with_proof(**change: Any) -> list[str]:
        bent = copy.deepcopy(proof)
        bent["seals"][0] |= change
        return sample.check(signed(sample, members | {manifest.PROOF: canonical(bent)}, nothing)).wrong

    entry = proof["seals"][0]
    day = entry["day"]
    for change in ({"index": entry["index"] + 1}, {"size": entry["size"] + 1}, {"path": []}, {"path": ["00" * 32]}):
        assert with_proof(**change) == [f"{day} 的封存证明不成立：流水不在当天的日根之中"], change
    assert with_proof(day="2020-01-01") == ["2020-01-01 的封存证明没有对应的日根"]
    assert with_proof(length=0) != [] and with_proof(length=10**6) != [] and with_proof(length="1") != []

    text = members[manifest.ROOTS].decode().splitlines()[-1]
    fields = json.loads(text)
    other = canonical(fields | {"tree": "ab" * 32}).decode()
    wrong = sample.check(signed(sample, members | {manifest.ROOTS: other.encode() + b"\n"}, nothing)).wrong
    assert f"{day} 日根的时间戳不成立：时间戳盖的不是这份日根" in wrong
    unlinked = text + "\n" + canonical(fields | {"day": "2031-01-01"}).decode() + "\n"
    wrong = sample.check(signed(sample, members | {manifest.ROOTS: unlinked.encode()}, nothing)).wrong
    assert wrong == ["2031-01-01 的日根与前一天的不相连"]
    wrong = sample.check(signed(sample, members | {manifest.ROOTS: b""}, nothing)).wrong
    assert wrong == ["日根 roots.jsonl 不完整"]
    stamp = next(name for name in members if name.endswith(".tsr"))
    wrong = sample.check(signed(sample, members | {stamp: b"0"}, nothing)).wrong
    assert wrong == [f"{day} 日根的时间戳不成立：不是时间戳应答"]
    kept = Trust(sample.trust.authorities, roots={day: "cd" * 32})
    path = sample.folder / "kept.zip"
    path.write_bytes(sample.content)
    assert check(path, kept).wrong == [f"{day} 的日根与另存的不同"]


def test_lists_of_any_shape_are_refused_in_words(sample: Sample) -> None:
    shapes: list[Callable[[dict[str, Any]], Any]] = [
        lambda listed: listed.update(v=2), lambda listed: listed.update(kind="x"), lambda listed: listed.pop("files"),
        lambda listed: listed.update(files=[1]), lambda listed: listed.update(files={}),
        lambda listed: listed.update(evidence=None), lambda listed: listed.update(ticket=[]),
        lambda listed: listed.update(journal=7), lambda listed: listed.update(more=1),
        lambda listed: listed.update(evidence=[{"id": []}]), lambda listed: listed["files"].append(None),
    ]  # fmt: skip
    for number, change in enumerate(shapes):
        assert sample.check(signed(sample, sample.members, lambda listed, c=change: c(listed))).wrong != [], number
    for text in (b"", b"{}", b"[]", b"null", b"[" * 200_000, b"9" * 10_000, b"\xff\xfe", b'{"a":NaN}'):
        report = sample.check(packed(sample.members | {manifest.MANIFEST: text}))
        assert report.wrong != [] and all(line.isprintable() for line in report.wrong)


def zipped(entries: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, content in entries:
            file.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def hostile() -> dict[str, bytes]:
    """What somebody may hand to a clerk and say: check this."""
    bomb = zipped([("journal.jsonl", b"\0" * 50_000_000)])
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 33, 0, 0xFFFFFFF0, 0xFFFFFFF0, 5, 0) + b"a.txt"
    out = io.BytesIO()
    twice = [archive.write_member(out, "a.txt", [b"1"]), archive.write_member(out, "a.txt", [b"2"])]
    archive.write_directory(out, twice)
    many = io.BytesIO()
    listed = [archive.write_member(many, f"n{i}", [b""]) for i in range(archive.MAX_MEMBERS + 1)]
    archive.write_directory(many, listed)
    return {
        "empty": b"", "text": b"hello", "empty zip": zipped([]), "bomb": bomb, "claims 4 GB": local,
        "traversal": zipped([("../../etc/passwd", b"x")], zipfile.ZIP_STORED),
        "absolute": zipped([("/etc/passwd", b"x")], zipfile.ZIP_STORED),
        "backslash": zipped([("..\\x", b"x")], zipfile.ZIP_STORED),
        "dots inside": zipped([("originals/..", b"x")], zipfile.ZIP_STORED),
        "utf-8": zipped([("证据.txt", b"x")], zipfile.ZIP_STORED),
        "long name": zipped([("a" * 60_000, b"x")], zipfile.ZIP_STORED),
        "twice": out.getvalue(), "many": many.getvalue(), "ends in the header": b"PK\x03\x04" + b"\0" * 10,
        "repacked": zipped([("a.txt", b"x")], zipfile.ZIP_STORED), "picture": b"\xff\xd8\xff\xe0" + b"\0" * 1000,
    }  # fmt: skip


HOSTILE = hostile()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_words_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(HOSTILE[name])
    found = CliRunner().invoke(main, ["verify-bundle", str(path)])
    assert found.exit_code == 1 and "✗ " in found.output and found.output.endswith("证据包不成立。\n"), found.output
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.zip"]


def test_names_that_could_lead_outside_cannot_be_written_either() -> None:
    for name in ("../a", "/a", "a/../b", "a\\b", "a/b/c", "A", "", "a b", "x" * 200, "a\0b", "证据"):
        with pytest.raises(ValueError):
            archive.write_member(io.BytesIO(), name, [])


def test_offsets_beyond_four_gigabytes_are_written_so_that_others_read_them(tmp_path: Path) -> None:
    """A sparse file: three members of 2 GB and a small one behind them."""
    path, members = tmp_path / "far.zip", []
    with path.open("w+b") as out:
        for number in range(3):
            offset, size = out.tell(), 2**31 - 10
            out.write(archive._local(f"n{number}", size, 0))
            out.seek(size, 1)
            members.append(archive.Member(f"n{number}", size, 0, "", offset))
        members.append(archive.write_member(out, "last.txt", [b"hello"]))
        archive.write_directory(out, members)
    with zipfile.ZipFile(path) as opened:
        assert opened.read("last.txt") == b"hello" and len(opened.infolist()) == 4
