"""Unpack the npm package's Chromium: ``python unpack_browser.py PACKED_FOLDER TARGET`` (needs brotli: runs in .venv).

The package's own script asks for a newer Node than the app needs, and unpacks into the shared temporary folder.
"""

from __future__ import annotations

import io
import sys
import tarfile
from pathlib import Path

import brotli


def unpack(packed: Path, target: Path) -> None:
    """Write TARGET/chromium and TARGET/lib; the program appears last, so that a half-done folder is noticed."""
    target.mkdir(parents=True, exist_ok=True)
    libraries = brotli.decompress((packed / "al2023.tar.br").read_bytes())
    (target / "lib").mkdir(exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(libraries)) as archive:
        # By name and not extractall: its safe filter exists only from Python 3.11.4 on, and Debian 12 has 3.11.2.
        for member in archive:
            if member.isfile() and (content := archive.extractfile(member)):
                (target / "lib" / Path(member.name).name).write_bytes(content.read())
    fresh = target / "chromium.new"
    fresh.write_bytes(brotli.decompress((packed / "chromium.br").read_bytes()))
    fresh.chmod(0o755)
    fresh.rename(target / "chromium")


if __name__ == "__main__":
    unpack(Path(sys.argv[1]), Path(sys.argv[2]))
