"""What a spot check can find, and what follows from it, unless a profile says it otherwise. Pure.

No notice lists grounds: what stands here is marked as a local convention (`assumed`) and holds for every profile that
has no `[inspections]` of its own (U4.8, K3.10, X3.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.policies.facts import Cited, Option
from app.policies.timing import Span

GENUINE: Final = "genuine"
DOUBTFUL: Final = "doubtful"
FAKED: Final = "faked"
VERDICTS: Final = {GENUINE: "属实", DOUBTFUL: "存疑", FAKED: "弄虚作假"}
SILENT: Final = "通知未作规定"
"""Stands for the clause of what no notice says."""
_BAD: Final = (DOUBTFUL, FAKED)


@dataclass(frozen=True, slots=True)
class InspectionGround(Option):
    """Why a case is doubtful or faked: `verdicts` are those it can stand for."""

    verdicts: tuple[str, ...] = _BAD


@dataclass(frozen=True, slots=True)
class InspectionRules(Cited):
    """Grounds of a verdict; how long the unit has to put things right, and to appeal."""

    grounds: tuple[InspectionGround, ...]
    rectify: Span
    appeal: Span


def _ground(key: str, label: str, *verdicts: str) -> InspectionGround:
    return InspectionGround(key, label, verdicts or _BAD, cite=SILENT, assumed=True)


CONVENTION: Final = InspectionRules(
    grounds=(
        _ground("photo_reused", "使用旧照片或其他工单的照片"),
        _ground("photo_screen", "翻拍屏幕或照片"),
        _ground("photo_edited", "照片经过修改"),
        _ground("photo_unclear", "照片看不出办理前后的变化", DOUBTFUL),
        _ground("photo_imported", "照片由相册导入，来源无法核实", DOUBTFUL),
        _ground("place_far", "拍摄位置与诉求地点不符"),
        _ground("time_off", "拍摄时间与办理过程不符"),
        _ground("not_visited", "登记上门而未上门"),
        _ground("recording_false", "录音冒用、剪接或无声"),
        _ground("recording_poor", "录音听不清或不完整", DOUBTFUL),
        _ground("caller_differs", "诉求人所述与回复不一致"),
        _ground("reply_untrue", "回复内容与现场情况不符"),
        _ground("process_vague", "办理过程写得含糊", DOUBTFUL),
        _ground("other", "其他（须写明）"),
    ),
    rectify=Span(working_days=5, cite=SILENT, assumed=True),
    appeal=Span(working_days=3, cite=SILENT, assumed=True),
    cite=SILENT,
    assumed=True,
)
