"""A town with a worker that does what the relay asks of it, and pictures to hand in."""

from __future__ import annotations

import io
from typing import Any

from evidence.corpus import encoded, scenery
from PIL import Image
from scenario import World

from app import clock
from app.evidence.storage import DiskStore
from app.journal import tasks
from app.journal.relay import relay
from app.oversight.findings import jobs
from app.subscribers import PLANNERS, REACTIONS
from app.worker import Context, perform_with


def exif(taken: str | None = None, software: str | None = None, model: str | None = None) -> Image.Exif:
    made = Image.Exif()
    if model:
        made[0x0110] = model
    if software:
        made[0x0131] = software
    if taken:
        made.get_ifd(0x8769)[0x9003] = taken
    return made


def picture(seed: int, **tags: str) -> bytes:
    """A photo unlike any other; `tags` as its EXIF."""
    return encoded(scenery(640, 480, seed), quality=85, exif=exif(**tags))


def cropped(content: bytes) -> bytes:
    """The same photo without its edges, darker, and saved again at lower quality."""
    image = Image.open(io.BytesIO(content))
    width, height = image.size
    image = image.crop((width // 50, height // 50, width - width // 50, height - height // 50))
    return encoded(image.point(lambda value: value * 0.9), quality=70)


class Town:
    """The world, and a worker that does what the relay asks of it."""

    def __init__(self, world: World) -> None:
        self.world, self.config = world, world.app.extensions["doorstep.config"]
        self.store = DiskStore(self.config.evidence_dir)
        self.context = Context(self.config, world.database, self.store)

    def work(self) -> list[str]:
        """Relay and do all there is to do; return what was done."""
        done: list[str] = []
        while True:
            _, wanted = relay(self.world.database, REACTIONS, clock.now(), PLANNERS)
            wanted += self._due()
            wanted = [t for t in dict.fromkeys(wanted) if t.partition(":")[0] in ("render", *self._own())]
            if not wanted:
                return done
            for task in wanted:
                perform_with(self.context, task)
            done += wanted

    @staticmethod
    def _own() -> tuple[str, ...]:
        return (jobs.LOOK, jobs.LOOK_BACK, jobs.RECOMPUTE)

    def _due(self) -> list[str]:
        with self.world.database.read() as session:
            return [t for t in tasks.due(session, clock.now()) if t.partition(":")[0] in self._own()]

    def handed_in(
        self, ticket_id: str, content: bytes, phase: str = "after", who: str = "liaison", **other: Any
    ) -> str:
        evidence_id = self.world.phone(who).declare(ticket_id, content, phase, **other)
        assert self.world.phone(who).upload(evidence_id, content).status_code == 204
        return evidence_id

    def found(self, ticket_id: str, who: str = "supervisor") -> list[dict[str, Any]]:
        answer = self.world.phone(who).call("GET", f"/api/v1/oversight/tickets/{ticket_id}/findings")
        assert answer.status_code == 200, answer.text
        return list(answer.get_json()["findings"])

    def kinds(self, ticket_id: str, state: str = "open") -> dict[str, str]:
        return {f["kind"]: f["severity"] for f in self.found(ticket_id) if f["state"] == state}


def stranger(name: str, phone: str) -> dict[str, Any]:
    """Another caller than the usual one."""
    return {"name": name, "phone": phone, "address": "某路一号", "anonymous": False, "confidential": False}
