"""A saved draw, drawn again from its file alone: what anybody can check on another machine (A5)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from inspecting import Bureau
from lasting import shared
from scenario import World

from app.cli import main
from app.oversight.inspections.draw import commitment

__all__ = ["shared"]
BASE = "/api/v1/oversight/inspections"


@pytest.fixture
def saved(shared: World, tmp_path: Path) -> tuple[Path, Path]:
    """A draw and the commitments as a supervisor and anybody saved them."""
    bureau = Bureau(shared)
    bureau.plan(share=60)
    bureau.draw()
    tickets = [shared.closed() for _ in range(3)]
    bureau.draw()
    with_case = next(t for t in tickets if _has_case(bureau, t))
    draw_id = bureau.row(bureau.case_of(with_case)).draw_id
    files = (tmp_path / "draw.json", tmp_path / "commitments.json")
    for file, path in zip(files, (f"draws/{draw_id}", "commitments"), strict=True):
        file.write_bytes(bureau.first.call("GET", f"{BASE}/{path}").data)
    return files


def _has_case(bureau: Bureau, ticket_id: str) -> bool:
    return bureau.case_of(ticket_id) != "None"


def verify(*arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(main, ["verify-draw", *arguments], env={"DATABASE_URL": "", "SECRET_KEY": ""})
    return found.exit_code, found.output


@pytest.mark.clause("A5", partial="抽样可离线复核；抽取与判定另测")
def test_a_saved_draw_is_drawn_again_without_the_deployment(saved: tuple[Path, Path]) -> None:
    draw, commitments = saved
    code, said = verify(str(draw))
    assert code == 0, said
    assert "期抽样成立" in said and "！ 没有给出另存的承诺" in said and "✗" not in said
    code, said = verify(str(draw), "--commitments", str(commitments))
    assert (code, "✓ 承诺与您另存的一致" in said, "✓ 承诺在本期开始之前作出" in said) == (0, True, True), said


def _seed(body: dict[str, Any]) -> None:
    body["seed"] = "0" * 64


def _weight(body: dict[str, Any]) -> None:
    body["frame"][0][3] += 100


def _dropped(body: dict[str, Any]) -> None:
    body["frame"] = body["frame"][1:]


def _swapped(body: dict[str, Any]) -> None:
    body["sample_ids"] = [row[0] for row in body["frame"]][: len(body["sample_ids"]) + 1]


def _chance(body: dict[str, Any]) -> None:
    body["chances"] = dict.fromkeys(body["chances"], 0.5) | {body["frame"][0][0]: 0.123}


def _committed(body: dict[str, Any]) -> None:
    body["seed"] = "f" * 64
    body["commitment"] = commitment(body["seed"])


@pytest.mark.parametrize("forge", [_seed, _weight, _dropped, _swapped, _chance, _committed])
def test_whatever_is_changed_in_it_is_found(saved: tuple[Path, Path], forge: Any) -> None:
    draw, commitments = saved
    body = json.loads(draw.read_text("utf-8"))
    forge(body)
    draw.write_text(json.dumps(body), "utf-8")
    code, said = verify(str(draw), "--commitments", str(commitments))
    assert (code, "✗" in said, "这一期抽样不成立" in said) == (1, True, True), said


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": 1}', '{"algorithm": 1, "name": "x", "frame": [[1]]}'])
def test_what_is_no_draw_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(text, "utf-8")
    code, said = verify(str(file))
    assert code == 1 and "不是" in said and "Traceback" not in said
