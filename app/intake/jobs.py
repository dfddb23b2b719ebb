"""What the worker does for intake."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from app import clock
from app.db import Database
from app.intake import files, lifecycle, register
from app.intake.models import IntakeFile
from app.journal import tasks

TASK = "intake"


def work(database: Database, folder: Path, file_id: str, at: datetime) -> None:
    """Do what a file's state asks for; what is left of a long registration is asked for again."""
    if _state(database, file_id) == lifecycle.UPLOADED:
        files.read(database, folder, file_id)
    if _state(database, file_id) == lifecycle.JUDGING:
        register.judge(database, file_id, at)
    if _state(database, file_id) != lifecycle.REGISTERING:
        return
    if register.register(database, file_id, register.SLICE_SECONDS):
        with database.unit_of_work() as session:
            tasks.ask(session, [(TASK, file_id)], clock.now())


def give_up(database: Database, file_id: str, at: datetime) -> None:
    """Tell those who wait that it did not work; what was registered stays, and confirming goes on from there."""
    state = _state(database, file_id)
    with database.unit_of_work() as session:
        if state == lifecycle.REGISTERING:
            files.end(session, file_id, lifecycle.STOPPED, "登记多次中断，已登记的有效；请稍后再次确认，从中断处继续。")
        elif state in lifecycle.UNDER_WAY:
            files.end(session, file_id, lifecycle.UNREADABLE, "文件多次读取失败，请重新导出后再上传。", at)


def _state(database: Database, file_id: str) -> str:
    with database.read() as session:
        return session.get_one(IntakeFile, file_id).state
