"""A saved draw drawn again on any machine: from the published file alone, without the deployment (A5). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.oversight.inspections import draw as lot

_NEAR: Final = 1e-12
"""Chances are written as decimals."""


class NotADraw(ValueError):
    """The file does not hold a draw in the shape in which it is published."""


@dataclass(slots=True)
class Report:
    """What of a draw holds, what does not, and what the file alone cannot say; Chinese sentences."""

    name: str
    good: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def say(self, holds: bool, good: str, wrong: str) -> None:
        """Note a sentence for either outcome."""
        (self.good if holds else self.wrong).append(good if holds else wrong)


def check(saved: Mapping[str, Any], commitments: Mapping[str, Any] | None) -> Report:
    """Draw a saved answer of `/oversight/inspections/draws/<id>` again.

    `commitments` is a saved answer of `/oversight/inspections/commitments`, fetched before the period was over by
    somebody who kept it. Raises `NotADraw`.
    """
    try:
        return _checked(saved, commitments)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise NotADraw(str(error)) from error


def _checked(saved: Mapping[str, Any], commitments: Mapping[str, Any] | None) -> Report:
    report = Report(str(saved["name"]))
    if saved["algorithm"] != lot.ALGORITHM:
        report.wrong.append(
            f"抽样用的是第 {saved['algorithm']} 版算法，本程序是第 {lot.ALGORITHM} 版，请用相应版本核对"
        )
        return report
    frame = [lot.Candidate(*_row(entry)) for entry in saved["frame"]]
    design, seed = lot.Design(**{k: int(saved["design"][k]) for k in ("share", "minimum", "blind")}), str(saved["seed"])
    fits = lot.commitment(seed) == saved["commitment"]
    report.say(fits, "种子与抽样前公布的承诺相符", "种子与承诺不符：种子被换过")
    _against_published(report, saved, commitments)
    whole = lot.population_hash(frame, design) == saved["population_hash"]
    report.say(
        whole, f"总体 {len(frame)} 件与公布的总体指纹相符", "总体或抽样设计与总体指纹不符：有工单被增删或权重被改"
    )
    report.say(saved["population"] == len(frame), "总体件数相符", "总体件数不符")
    try:
        again = lot.draw(seed, frame, design)
    except ValueError:
        report.wrong.append("总体中有重复的工单或无效的权重，抽不出样本")
        return report
    _against_drawn(report, saved, again)
    report.notes.append("各工单流水当时是否确为总体所记的样子，须在系统中核对，或用该工单的证据包核对")
    return report


def _row(entry: Any) -> tuple[str, str, str, int, str]:
    ticket_id, stratum, group, weight, mark = entry
    if not isinstance(weight, int) or isinstance(weight, bool):
        raise TypeError("a weight is a whole number")
    return str(ticket_id), str(stratum), str(group), weight, str(mark)


def _against_published(report: Report, saved: Mapping[str, Any], commitments: Mapping[str, Any] | None) -> None:
    if commitments is None:
        report.notes.append("没有给出另存的承诺（--commitments）：承诺是否早于本期公布，只凭这份文件自己说")
        return
    kept = next((row for row in commitments["commitments"] if row["id"] == saved["id"]), None)
    if kept is None:
        report.wrong.append("另存的承诺中没有这一期：承诺不是在您另存之前公布的")
        return
    same = all(kept[key] == saved[key] for key in ("commitment", "begins_at", "ends_at"))
    report.say(same, "承诺与您另存的一致", "承诺与您另存的不一致：抽样之后换过承诺")
    ahead = str(kept["committed_at"]) <= str(kept["begins_at"])
    report.say(ahead, "承诺在本期开始之前作出", "承诺在本期开始之后才作出")


def _against_drawn(report: Report, saved: Mapping[str, Any], again: lot.Drawn) -> None:
    sample = list(saved["sample_ids"])
    report.say(
        list(again.sample) == sample,
        f"重新抽出的 {len(sample)} 件与公布的样本相同，次序也相同",
        "重新抽出的样本与公布的不同：样本被换过",
    )
    seconds = sorted(again.seconds) == sorted(saved["second_ids"])
    report.say(seconds, "须复看的工单相同", "须复看的工单不同")
    stated = {str(k): float(v) for k, v in saved["chances"].items()}
    exact = {k: float(v) for k, v in again.chances.items()}
    close = stated.keys() == exact.keys() and all(abs(stated[k] - exact[k]) <= _NEAR for k in exact)
    report.say(close, "每件被抽中的概率相符", "公布的概率与算出的不符")
