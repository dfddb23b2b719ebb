"""The container of a bundle: a ZIP in one fixed form, so that every byte of it is accounted for. Pure.

Members are stored as they are, one after the other, with fixed dates and attributes, without comments, gaps or extra
fields. Any tool opens such a file; our own reader takes nothing else. So there is nothing to decompress into a bomb,
no name that leads outside, no member twice or hidden, and no byte that could be changed without being seen.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import BinaryIO, Final

CHUNK: Final = 1024 * 1024
MAX_MEMBERS: Final = 5000
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)?")
_NAME_BYTES: Final = 120
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR: Final = struct.Struct("<4sLQL")
_END: Final = struct.Struct("<4s4H2LH")
_DATE: Final = 33
"""1980-01-01, the first day a ZIP knows."""
_ATTRIBUTES: Final = 0o100644 << 16
_FULL: Final = 0xFFFFFFFF


class ArchiveInvalid(Exception):
    """A file that is no bundle in its one form; the text says where, in Chinese."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file in the container, with what its bytes were found to be."""

    name: str
    size: int
    crc: int
    sha256: str
    offset: int


Chunks = Iterable[bytes]


def write_member(out: BinaryIO, name: str, chunks: Chunks) -> Member:
    """Append a file to the container; only one chunk is held at a time. Raises `ValueError` for a name not allowed."""
    if not _allowed(name):
        raise ValueError(name)
    offset, size, crc, digest = out.tell(), 0, 0, hashlib.sha256()
    out.write(_local(name, 0, 0))
    for chunk in chunks:
        out.write(chunk)
        size, crc = size + len(chunk), zlib.crc32(chunk, crc)
        digest.update(chunk)
    if size >= _FULL:
        raise ValueError("a member of 4 GiB")
    out.seek(offset)
    out.write(_local(name, size, crc))
    out.seek(0, 2)
    return Member(name, size, crc, digest.hexdigest(), offset)


def write_directory(out: BinaryIO, members: list[Member]) -> None:
    """End the container."""
    out.write(_directory(members, out.tell()))


def scan(source: BinaryIO, sink_for: Callable[[str, int], Callable[[bytes], object] | None]) -> list[Member]:
    """Read a container from its first byte to its last and return its members, in their order.

    `sink_for` is asked for each member's name and size, and may return what takes its bytes. Raises `ArchiveInvalid`.
    """
    total = source.seek(0, 2)
    source.seek(0)
    members: list[Member] = []
    names: set[str] = set()
    while source.read(4) == b"PK\x03\x04":
        source.seek(-4, 1)
        member = _read_member(source, total, sink_for, len(members) + 1)
        if member.name in names:
            raise ArchiveInvalid(f"文件名重复：{member.name}")
        if len(members) >= MAX_MEMBERS:
            raise ArchiveInvalid(f"文件过多（超过 {MAX_MEMBERS} 个）")
        names.add(member.name)
        members.append(member)
    start = members[-1].offset + _LOCAL.size + len(members[-1].name) + members[-1].size if members else 0
    source.seek(start)
    if not members:
        raise ArchiveInvalid("不是证据包（不是 ZIP 文件，或是空的）")
    expected = _directory(members, start)
    if total - start != len(expected) or source.read() != expected:
        raise ArchiveInvalid("目录区与内容不符：文件被截断、改动，或用其他软件重新打包过")
    return members


def _read_member(
    source: BinaryIO, total: int, sink_for: Callable[[str, int], Callable[[bytes], object] | None], number: int
) -> Member:
    offset = source.tell()
    head = source.read(_LOCAL.size)
    if len(head) < _LOCAL.size:
        raise ArchiveInvalid(f"第 {number} 个文件的头部不完整")
    fields = _LOCAL.unpack(head)
    size, crc, length = fields[7], fields[6], fields[9]
    raw = source.read(min(length, _NAME_BYTES + 1))
    name = raw.decode("ascii", "replace")
    if len(raw) != length or not _allowed(name):
        raise ArchiveInvalid(f"第 {number} 个文件的名称不允许：{name[:60]!r}")
    if head + raw != _local(name, size, crc):
        raise ArchiveInvalid(f"{name} 的头部不是证据包的写法：被改动，或用其他软件重新打包过")
    if size > total - source.tell():
        raise ArchiveInvalid(f"{name} 不完整：文件被截断")
    sink, found, digest, left = sink_for(name, size), 0, hashlib.sha256(), size
    while left:
        chunk = source.read(min(CHUNK, left))
        if not chunk:
            raise ArchiveInvalid(f"{name} 不完整：文件被截断")
        left -= len(chunk)
        found = zlib.crc32(chunk, found)
        digest.update(chunk)
        if sink is not None:
            sink(chunk)
    if found != crc:
        raise ArchiveInvalid(f"{name} 的内容与校验码不符")
    return Member(name, size, crc, digest.hexdigest(), offset)


def _allowed(name: str) -> bool:
    return len(name) <= _NAME_BYTES and _NAME.fullmatch(name) is not None and ".." not in name


def _local(name: str, size: int, crc: int) -> bytes:
    return _LOCAL.pack(b"PK\x03\x04", 20, 0, 0, 0, _DATE, crc, size, size, len(name), 0) + name.encode("ascii")


def _directory(members: list[Member], start: int) -> bytes:
    """Return the central directory and the end record. Offsets beyond 4 GiB are written the ZIP64 way."""
    rows = b"".join(map(_central, members))
    count = len(members)
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(rows), min(start, _FULL), 0)
    if start < _FULL:
        return rows + end
    long_end = _END64.pack(b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, len(rows), start)
    return rows + long_end + _LOCATOR.pack(b"PK\x06\x07", 0, start + len(rows), 1) + end


def _central(member: Member) -> bytes:
    far = member.offset >= _FULL
    extra = struct.pack("<2HQ", 1, 8, member.offset) if far else b""
    return (
        _CENTRAL.pack(
            b"PK\x01\x02", 3 << 8 | (45 if far else 20), 45 if far else 20, 0, 0, 0, _DATE, member.crc, member.size,
            member.size, len(member.name), len(extra), 0, 0, 0, _ATTRIBUTES, min(member.offset, _FULL),
        )
        + member.name.encode("ascii")
        + extra
    )  # fmt: skip
