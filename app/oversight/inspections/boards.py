"""What the verdicts add up to: per unit, between checkers, per signal; and what a plan would draw. Only SELECTs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app import clock
from app.oversight.findings.rules import SEVERITY_LABELS as SEVERITIES
from app.oversight.inspections import draw, frame, statistics
from app.oversight.inspections.models import InspectionCase, InspectionLook, InspectionPlan
from app.oversight.inspections.periods import period_at
from app.oversight.inspections.rules import is_bad
from app.people.models import Jurisdiction
from app.people.queries import names, unit_names
from app.policies.inspecting import VERDICTS

PREVIEWED = 4
"""Over how many past periods a plan is tried."""


def results(session: Session, jurisdiction_id: str, since: datetime, until: datetime) -> list[InspectionCase]:
    """Return the cases told between two instants: with the verdict that stands, after an appeal if there was one."""
    query = select(InspectionCase).where(
        InspectionCase.jurisdiction_id == jurisdiction_id,
        InspectionCase.told_at >= since,
        InspectionCase.told_at < until,
    )
    return list(session.scalars(query.order_by(InspectionCase.told_at)))


def judged(cases: list[InspectionCase]) -> list[statistics.Judged]:
    """Return the cases as they are counted; a severity is a signal too, since weights may go by it."""
    return [
        statistics.Judged(c.unit_id, is_bad(c.verdict), c.probability, frozenset(_signals(c.signals))) for c in cases
    ]


def _signals(signals: list[dict[str, Any]]) -> set[str]:
    return {s["key"] for s in signals} | {f"severity:{s['severity']}" for s in signals if s["severity"]}


def board(
    session: Session, jurisdiction_id: str, since: datetime, until: datetime, units: Collection[str] | None
) -> dict[str, Any]:
    """Return the results of each unit (of `units` only, when named) and, where all are asked for, of all together."""
    cases = [c for c in results(session, jurisdiction_id, since, until) if units is None or c.unit_id in units]
    counted = judged(cases)
    per_unit, called = statistics.by_unit(counted), unit_names(session, {c.unit_id for c in cases})
    verdicts: dict[str, Counter[str]] = defaultdict(Counter)
    for case in cases:
        verdicts[case.unit_id][case.verdict or ""] += 1
    rows = [
        {
            "unit": {"id": unit, "name": called.get(unit, "")},
            **_result(found),
            "verdicts": {v: verdicts[unit][v] for v in VERDICTS},
        }
        for unit, found in per_unit.items()
    ]
    rows.sort(key=lambda row: (-row["bad"], -row["cases"], row["unit"]["name"]))
    return {"units": rows, "total": _result(statistics.result(counted))}


def _result(found: statistics.Result) -> dict[str, Any]:
    return {
        "cases": found.cases,
        "bad": found.bad,
        "raw": found.raw and asdict(found.raw),
        "estimate": found.estimate and asdict(found.estimate),
    }


def checkers(session: Session, jurisdiction_id: str, since: datetime, until: datetime) -> dict[str, Any]:
    """Return the agreement of first and blind second looks, and what each checker said how often."""
    first, second = aliased(InspectionLook), aliased(InspectionLook)
    told = (
        InspectionCase.jurisdiction_id == jurisdiction_id,
        InspectionCase.told_at >= since,
        InspectionCase.told_at < until,
    )
    pairs = session.execute(
        select(first.verdict, second.verdict)
        .join(second, (second.case_id == first.case_id) & (second.nth == 2))
        .join(InspectionCase, InspectionCase.id == first.case_id)
        .where(first.nth == 1, first.verdict.is_not(None), second.verdict.is_not(None), *told)
    ).all()
    said: dict[str, Counter[str]] = defaultdict(Counter)
    looks = select(InspectionLook.by, InspectionLook.verdict).join(
        InspectionCase, InspectionCase.id == InspectionLook.case_id
    )
    for by, verdict in session.execute(looks.where(InspectionLook.verdict.is_not(None), *told)):
        said[by][verdict or ""] += 1
    called = names(session, said)
    return {
        "agreement": asdict(statistics.kappa([(a or "", b or "") for a, b in pairs])),
        "people": [
            {"person": {"id": by, "name": called.get(by, "")}, "verdicts": {v: counts[v] for v in VERDICTS}}
            for by, counts in sorted(said.items(), key=lambda item: -sum(item[1].values()))
        ],
    }


def findings(
    session: Session, jurisdiction_id: str, since: datetime, until: datetime, plan: InspectionPlan | None
) -> list[dict[str, Any]]:
    """Return how often each signal was right, and the weight that suggests beside the plan's own."""
    cases = results(session, jurisdiction_id, since, until)
    labels = {s["key"]: s["label"] for c in cases for s in c.signals} | SEVERITY_LABELS
    weights = plan.weights if plan else {}
    return [
        {
            "signal": y.signal,
            "label": labels.get(y.signal, y.signal),
            "flagged": y.flagged,
            "bad": y.bad,
            "precision": y.precision and asdict(y.precision),
            "lift": y.lift,
            "suggested": y.weight,
            "weight": weights[y.signal] / 100 if y.signal in weights else None,
        }
        for y in statistics.yields(judged(cases))
    ]


SEVERITY_LABELS = {f"severity:{key}": label for key, label in SEVERITIES.items()}


def preview(session: Session, jurisdiction_id: str, plan: InspectionPlan, at: datetime) -> dict[str, Any]:
    """Return what a plan would have drawn of the last periods: how many, of whom; never which tickets."""
    zone = session.get_one(Jurisdiction, jurisdiction_id).zone
    ends = period_at(plan.period, at, zone).begins
    expected: dict[str, float] = defaultdict(float)
    units: Counter[str] = Counter()
    periods, flagged = [], 0
    for _ in range(PREVIEWED):
        period = period_at(plan.period, ends - timedelta(microseconds=1), zone)
        ends = period.begins
        rows = frame.answered(session, jurisdiction_id, plan.population, period.begins, period.ends)
        drawn = draw.draw("preview", frame.candidates(rows, plan), frame.design_of(plan))
        periods.append({"name": period.name, "population": len(rows), "sample": len(drawn.sample)})
        units.update(r.unit_id for r in rows)
        flagged += sum(1 for r in rows if r.signals)
        for row in rows:
            expected[row.unit_id] += float(drawn.chances[row.ticket_id])
    called = unit_names(session, units)
    return {
        "periods": periods,
        "flagged": flagged,
        "units": [
            {"unit": {"id": u, "name": called.get(u, "")}, "population": n, "expected": round(expected[u], 2)}
            for u, n in units.most_common()
        ],
        "at": clock.iso(at),
    }
