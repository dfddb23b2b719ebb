"""Asking for one photo among 10,000, 100,000 and a million: time and memory, growth, restart, deletion.

The prints are made up, which a search cannot tell from real ones: it compares all of them whatever they are. A question
is five codes, as a framed photo asks. Searches and their baselines are processor time of one core, best of several
rounds, so that other work on the machine disturbs both alike; the rest is time on the clock. The baselines are what
one does without the file: compare all 256 bits of all
prints with numpy in memory, and read the prints from the table.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import delete, insert, text, update

from app import clock
from app.db import Database
from app.evidence import likeness, prints, queries
from app.evidence.fingerprints import NEAR, unpacked
from app.evidence.likeness_file import PRINTS, LikenessFile
from app.evidence.models import Evidence, PhotoPrint, PrintShelf
from app.evidence.storage import DiskStore
from app.ids import new_id
from bench import dataset
from bench.harness import ROOT, Row, create_database, durable_postgres, folder, row

SIZES = (10_000, 100_000, 1_000_000)
TABLE = 100_000
ROUNDS = 9
WAYS = 5
GOAL_MS = 10.0


def run() -> Iterator[Row]:
    """Yield the file's figures, then those of a table of 100,000 photos on both databases."""
    with folder() as place:
        for size in SIZES:
            yield from _file(Path(place), size)
    with folder() as place, durable_postgres() as server:
        for name, url in (
            ("sqlite", f"sqlite:///{Path(place) / 'likeness.db'}"),
            ("postgresql", create_database(server, "likeness")),
        ):
            yield from _table(name, Database(url), DiskStore(Path(place) / name))


def _file(place: Path, size: int) -> Iterator[Row]:
    rng = np.random.default_rng(size)
    file = LikenessFile(place, str(size))
    with file.locked():
        for first in range(0, size, 20_000):
            codes = rng.integers(0, 2**64, (min(20_000, size - first), PRINTS, 4), np.uint64)
            file.add(first, [photo.tobytes() for photo in codes])
    asked = [codes[-1, 0] ^ np.uint64(0b1011), *rng.integers(0, 2**64, (WAYS - 1, 4), np.uint64)]
    assert file.search(asked)[0] == (12, size - 1, 0, 0)
    everything = np.concatenate([np.concatenate((low[:, None], rest), axis=1) for low, rest in file._blocks(1)])
    everything = np.resize(everything, (size * PRINTS, 4))
    one = _cpu(lambda: file.search(asked[:1]))
    yield row("likeness.one", f"{size} photos, one code; goal {GOAL_MS:g} ms", one, "ms",
              _cpu(lambda: _naive(everything, asked[:1])), ROUNDS, False)  # fmt: skip
    five = _cpu(lambda: file.search(asked))
    yield row("likeness.photo", f"{size} photos, a photo's {WAYS} codes", five, "ms",
              _cpu(lambda: _naive(everything, asked)), ROUNDS, False)  # fmt: skip
    added = _median(lambda: _add_one(file))
    yield row("likeness.add", f"{size} photos, one more on the disk", added, "ms", _rewrite(file, size), ROUNDS, False)
    memory, first = _new_process(place, size)
    # What all prints would take if every worker held them.
    yield row("likeness.memory", f"{size} photos, a process's own", memory, "MB", size * PRINTS * 32 / 1e6, 1, False)
    yield row("likeness.restart", f"{size} photos, first question of a new process", first, "ms", five, 1, False)


def _naive(everything: Any, asked: list[Any]) -> None:
    for code in asked:
        np.flatnonzero(np.bitwise_count(everything ^ code).sum(axis=1) <= NEAR)


def _add_one(file: LikenessFile) -> None:
    with file.locked():
        file.add(file.count(), [np.random.default_rng(1).bytes(PRINTS * 32)])


def _rewrite(file: LikenessFile, size: int) -> float:
    """Return the milliseconds that writing all of it again takes, which a file without room to grow would need."""
    content = b"\0" * (size * PRINTS * 32)
    begun = time.perf_counter()
    with file._path.with_suffix(".again").open("wb") as again:
        again.write(content)
        again.flush()
        os.fdatasync(again.fileno())
    file._path.with_suffix(".again").unlink()
    return (time.perf_counter() - begun) * 1000


def _new_process(place: Path, size: int) -> tuple[float, float]:
    """Return the megabytes of its own that a process needs to search, and the milliseconds of its first search."""
    program = (
        "import re, sys, time; from pathlib import Path; import numpy as np;"
        "from app.evidence.likeness_file import LikenessFile;"
        "own = lambda: int(re.search(r'RssAnon:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]);"
        "asked = list(np.random.default_rng(1).integers(0, 2**64, (5, 4), np.uint64)); before = own();"
        "begun = time.perf_counter(); LikenessFile(Path(sys.argv[1]), sys.argv[2]).search(asked);"
        "print(own() - before, (time.perf_counter() - begun) * 1000)"
    )
    command = [sys.executable, "-c", program, place, str(size)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    memory, milliseconds = done.stdout.split()
    return max(int(memory) / 1024, 0.01), float(milliseconds)


def _table(name: str, database: Database, store: DiskStore) -> Iterator[Row]:
    """A table of photos: the file made from it, a question through the database, a deletion."""
    dataset.fill(database, 1000)
    codes = _filled(database)
    begun = time.perf_counter()
    with database.read() as session:
        likeness.up_to_date(session, store)
    made = (time.perf_counter() - begun) * 1000
    yield row("likeness.rebuilt", f"{name}, {TABLE} photos, the file from the table", made, "ms",
              _scan(database, codes[:1]), 1, False)  # fmt: skip
    asked = [codes[77] ^ np.uint64(0b1011), *codes[:4]]

    def ask() -> list[Any]:
        with database.read() as session:
            found = likeness.up_to_date(session, store).search(asked)
            return queries.at_positions(session, session.get_one(Evidence, _FIRST), [hit[1] for hit in found])

    assert 77 in {photo.position for photo in ask()}
    yield row("likeness.asked", f"{name}, {TABLE} photos, with the database's word", _median(ask), "ms",
              _scan(database, asked), ROUNDS, False)  # fmt: skip
    with database.unit_of_work() as session:
        session.execute(delete(PhotoPrint).where(PhotoPrint.position == 77))
    assert 77 not in {photo.position for photo in ask()}
    database.engine.dispose()


_FIRST = "01900009-0000-7000-8000-000000000001"


def _filled(database: Database) -> Any:
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 2**64, (TABLE, PRINTS, 4), np.uint64)
    ids = [_FIRST, *(new_id() for _ in range(TABLE - 1))]
    with database.unit_of_work() as session:
        ticket, unit = session.execute(text("SELECT id, unit_id FROM tickets WHERE unit_id IS NOT NULL LIMIT 1")).one()
        person = session.execute(text("SELECT id FROM persons LIMIT 1")).scalar_one()
        for first in range(0, TABLE, 5000):
            batch = range(first, first + 5000)
            session.execute(insert(Evidence), [_photo(ids[n], str(ticket), str(unit), str(person)) for n in batch])
            session.execute(insert(PhotoPrint), [
                {"evidence_id": ids[n], "position": n, "version": prints.VERSION, "prints": codes[n].tobytes(),
                 "detail": 0.5} for n in batch
            ])  # fmt: skip
        session.execute(update(PrintShelf).values(next=TABLE))
    return codes[:, 0]


def _photo(evidence_id: str, ticket: str, unit: str, person: str) -> dict[str, Any]:
    now = clock.now()
    return {
        "id": evidence_id, "ticket_id": ticket, "unit_id": unit, "kind": "photo", "phase": "before",
        "sha256": re.sub("-", "", evidence_id) * 2, "size": 1, "media_type": "image/jpeg", "source": "camera",
        "captured_at": now, "note": "", "state": "ready", "received_bytes": 1, "declared_by": person,
        "declared_at": now,
    }  # fmt: skip


def _scan(database: Database, asked: Any) -> float:
    """Return the milliseconds of reading the whole table and comparing it, for each question anew."""
    begun = time.perf_counter()
    with database.read() as session:
        kept = session.execute(text("SELECT prints FROM photo_prints")).scalars()
        everything = np.concatenate([unpacked(bytes(photo)) for photo in kept])
    _naive(everything, list(asked))
    return (time.perf_counter() - begun) * 1000


def _cpu(work: Callable[[], Any]) -> float:
    """Return the processor's milliseconds of the best round."""
    spans = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        spans.append((time.process_time() - begun) * 1000)
    return min(spans)


def _median(work: Callable[[], Any]) -> float:
    """Return the median of the milliseconds on the clock."""
    spans = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        spans.append((time.perf_counter() - begun) * 1000)
    return statistics.median(spans)
