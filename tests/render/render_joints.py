"""Reports on pairs built by hand, with everything one can hold. Their numbers stand for nothing."""

from __future__ import annotations

from typing import Any

from render_reports import HOSTILE, SURROGATE

from driftcli.report.columns import Status, Waiver
from driftcli.report.comparison import Dataset, Finding
from driftcli.report.instruments import (
    Along,
    Critic,
    Discriminator,
    Estimate,
    JointScore,
    JointWitness,
)
from driftcli.report.joint import ColumnPair, Joint, PairScore, PairSummary, Unpaired

BASELINE = Dataset(source="base.parquet", format="parquet", rows=166_158, columns=6)
CURRENT = Dataset(
    source="new.parquet", format="parquet", rows=1_000_000, columns=6, sampled_rows=50_000
)


def score(metric: Any, value: float, status: Status = "ok") -> PairScore:
    level = 0.01 if metric == "pair_dependence" else 0.1
    return PairScore(
        metric=metric,
        value=value,
        unit="bits" if metric == "pair_dependence" else None,
        warn_threshold=level / 2,
        threshold=level,
        p_value=1e-20 if status != "ok" else 0.3,
        p_adjusted=4e-19 if status != "ok" else 0.8,
        significant=status != "ok",
        status=status,
    )


def pair(
    first: str,
    second: str,
    *scores: PairScore,
    correlation: tuple[float, float] | None = None,
    status: Status = "ok",
    lost: float = 0.0,
    **more: Any,
) -> ColumnPair:
    return ColumnPair(
        columns=(first, second),
        status=status,
        reason="rank correlation 0.71 → 0.12; 0.104 bits that neither shows alone"
        if status != "ok"
        else None,
        jsd=0.131,
        margins=0.027,
        beyond=0.104,
        correlation=correlation,
        lost=lost,
        scores=scores,
        **more,
    )


UNCHANGED = (
    pair(
        "size",
        "rooms",
        score("pair_dependence", 0.0042),
        score("pair_correlation", 0.014),
        correlation=(-0.004, -0.018),
    ),
    pair("city", "kind", score("pair_dependence", 0.00001)),
)
CHANGED = (
    pair(
        "price",
        "size",
        score("pair_dependence", 0.1034, "drift"),
        score("pair_correlation", 0.59, "drift"),
        correlation=(0.71, 0.12),
        status="drift",
        lost=0.062,
    ),
    pair("price", "city", score("pair_dependence", 0.0072, "warn"), status="warn"),
)


def joint(pairs: tuple[ColumnPair, ...], verdict: Any, code: Any, **more: Any) -> Joint:
    statuses = [each.status for each in pairs]
    return Joint(
        **{
            "version": "0.0.0",
            "verdict": verdict,
            "exit_code": code,
            "baseline": BASELINE,
            "current": CURRENT,
            "alpha": 0.01,
            "settings": {},
            "summary": PairSummary(
                columns=5,
                pairs=len(pairs),
                drift=statuses.count("drift"),
                warn=statuses.count("warn"),
                ok=statuses.count("ok"),
            ),
            "pairs": pairs,
            **more,
        }
    )


_HOSTILE_CURRENT = Dataset(source=HOSTILE + SURROGATE, format="csv", rows=2, columns=2)
JOINTS = {
    "drift": joint(
        (*CHANGED, *UNCHANGED),
        "drift",
        1,
        unpaired=(
            Unpaired(column="id", reason="identifier: it names rows"),
            Unpaired(column="key", reason="identifier: it names rows"),
            Unpaired(column="sold", reason="in the baseline alone"),
        ),
    ),
    "passed": joint(UNCHANGED, "ok", 0),
    "waived": joint(
        (
            pair(
                "price",
                "size",
                score("pair_dependence", 0.1034, "drift"),
                status="drift",
                waiver=Waiver(until="2025-12-31", why="new list", by="ann"),
                since="2025-02-26",
            ),
            *UNCHANGED,
        ),
        "ok",
        0,
        summary=PairSummary(columns=5, pairs=3, drift=0, warn=0, ok=2, waived=1),
        findings=(
            Finding(
                kind="blocks",
                column=None,
                status="ok",
                message="noise by day of sold, 14 + 14; --block none for independent rows",
            ),
        ),
    ),
    "unjudged": joint(
        (),
        "unjudged",
        2,
        summary=PairSummary(columns=0, pairs=0, drift=0, warn=0, ok=0),
        unpaired=(Unpaired(column="x", reason="no values in the baseline"),),
    ),
    "many": joint(
        tuple(
            pair(
                f"column_{first}",
                f"column_{second}",
                score("pair_dependence", 0.1, "drift"),
                status="drift",
            )
            for first in range(9)
            for second in range(first)
        ),
        "drift",
        1,
    ),
    "hostile": joint(
        (
            pair(
                HOSTILE,
                SURROGATE,
                score("pair_dependence", 0.1034, "drift"),
                status="drift",
                lost=0.0001,
            ),
        ),
        "drift",
        1,
        current=_HOSTILE_CURRENT,
        unpaired=(Unpaired(column=HOSTILE, reason=f"its type changed: {HOSTILE} → string"),),
    ),
}


def _estimate(value: float, error: float) -> Estimate:
    return Estimate(value=value, standard_error=error, limit=round(value - 1.645 * error, 6))


def _together(metric: Any, value: float, status: Status) -> JointScore:
    level = 0.01 if metric == "joint_jsd" else 0.1
    return JointScore(
        metric=metric,
        value=value,
        unit="bits" if metric == "joint_jsd" else "baseline sd",
        warn_threshold=level / 2,
        threshold=level,
        p_value=1e-20 if status != "ok" else 0.3,
        significant=status != "ok",
        status=status,
    )


def _asked(names: tuple[str, ...], bits: Status, distance: Status) -> dict[str, Any]:
    reason = "divergence of all columns together ≥ 0.0134 bits (95 %)"
    return {
        "witness": JointWitness(
            columns=names,
            distance=_estimate(0.31, 0.02),
            p_value=1e-12,
            along=tuple(
                Along(column=name, weight=weight)
                for name, weight in zip(names, (-0.81, 0.57, 0.12, 0.05), strict=False)
            ),
        ),
        "discriminator": Discriminator(
            columns=names,
            status=bits,
            reason=reason if bits != "ok" else None,
            divergence=_estimate(0.0183, 0.003),
            beyond=_estimate(0.0011, 0.0009),
            scores=(_together("joint_jsd", 0.0134, bits),),
        ),
        "critic": Critic(
            columns=names,
            status=distance,
            reason="distance of all numeric columns together ≥ 0.0556 baseline sd (95 %)"
            if distance != "ok"
            else None,
            lipschitz="orthogonal",
            steps=1_000,
            distance=_estimate(0.072, 0.01),
            constant=1.000002,
            certified=_estimate(0.072, 0.01),
            gradient=0.998,
            scores=(_together("joint_wasserstein", 0.0556, distance),),
        ),
    }


JOINTS["together"] = joint(UNCHANGED, "drift", 1, **_asked(("size", "price"), "drift", "warn"))
JOINTS["together-hostile"] = joint(
    UNCHANGED, "ok", 0, **_asked((HOSTILE, SURROGATE, "a", "b"), "ok", "ok")
)
