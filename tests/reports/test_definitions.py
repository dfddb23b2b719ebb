"""What a month is, what a share of nothing is, which clocks are measured, and which rates a place shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.policies.policy import ClockRule, Option
from app.reports.rates import (
    RATES,
    measures_closing,
    measures_signing,
    month_named,
    month_of,
    percent,
    shown,
)  # fmt: skip

ZONE = "Asia/Shanghai"
SIGN = ClockRule(key="sign", label="签收", kind="deadline", starts="dispatch", met_when=("signed",), cite="一")


def test_a_month_is_one_of_the_places_own_calendar() -> None:
    month = month_named("2026-12", ZONE)
    assert month is not None
    assert month.starts == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert month.ends == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert month_of(datetime(2026, 11, 30, 15, 59, tzinfo=UTC), ZONE).month == "2026-11"
    assert month_of(datetime(2026, 11, 30, 16, tzinfo=UTC), ZONE) == month


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026-1", "26-01", "", "2026-011", "１０２６-01"])
def test_what_is_no_month(text: str) -> None:
    assert month_named(text, ZONE) is None


def test_a_share_of_nothing_is_not_zero() -> None:
    assert (percent(0, 0), percent(0, 3), percent(2, 3), percent(3, 3)) == (None, 0.0, 66.67, 100.0)


def test_which_clocks_are_measured() -> None:
    assert measures_signing(SIGN)
    for other in ({"kind": "target"}, {"met_when": ("centre_signed",)}, {"met_when": ("signed", "contacted")}):
        assert not measures_signing(replace(SIGN, **other))
    for met, measured in (
        (("at_station",), True), (("accepted",), True), (("accepted", "at_station"), True),
        (("told", "at_station"), False), (("signed",), False), ((), False),
    ):  # fmt: skip
        assert measures_closing(replace(SIGN, met_when=met)) is measured


def test_a_profile_names_its_rates_and_one_that_names_none_shows_all() -> None:
    named = shown([Option(key="received", label="按时接收率", cite="一"), Option(key="unknown", label="?", cite="")])
    assert [(rate.key, rate.label) for rate in named] == [("received", "按时接收率")]
    assert named[0].definition == RATES["received"].definition
    everything = [rate.key for rate in shown([])]
    assert everything == ["response", "closed", "once", "solved", "satisfaction", "redo"]
    assert all(rate.definition.startswith("分母：") and "分子：" in rate.definition for rate in RATES.values())
