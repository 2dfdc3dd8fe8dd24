"""How columns depend on each other, in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftcli.api.options import check_at_least, configured, name_of, public, selected
from driftcli.api.profile import unwrapped

if TYPE_CHECKING:
    from driftcli.config import Correction, FailOn
    from driftcli.report.joint import Joint


@public
def joint(  # noqa: PLR0913 - one keyword for each thing that pairs can be told
    baseline: Any,
    current: Any,
    *,
    config: str | Path | None = None,
    thresholds: Mapping[str, float | str] | None = None,
    witness: bool = False,
    discriminator: bool = False,
    critic: bool = False,
    lipschitz: str | None = None,
    fail_on: FailOn | None = None,
    strict: bool | None = None,
    correction: Correction | None = None,
    block: str | None = None,
    columns: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    rename: Mapping[str, str] | None = None,
    where: str | None = None,
    where_baseline: str | None = None,
    where_current: str | None = None,
    read: Mapping[str, object] | None = None,
    sample: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    engine: Any = None,
) -> Joint:
    """Compare how pairs of columns depend on each other, and return the report.

    Parameters
    ----------
    baseline, current
        As for `compare`. Profiles serve with the tables of pairs that they keep, and for what is
        asked of all columns together with the rows they keep, if any.
    thresholds
        Changes from which on a pair drifts: `{"pair_dependence": 0.02}`, in bits, and
        `pair_correlation`; and from which on all columns together do, `joint_jsd` and
        `joint_wasserstein`.
    witness, discriminator, critic
        What is asked of all columns together: see the fields of the report. The second takes
        scikit-learn and the third PyTorch, and what these find may be drift.
    lipschitz
        How the slope of the critic is held: orthogonal, spectral, clip or gp.
    config, fail_on, strict, correction, block, columns, exclude, rename, read
        As for `compare`.
    where, where_baseline, where_current
        As for `compare`.
    sample, seed
        Compare a uniform sample of so many rows of each side, 50,000 when None; the seed of it.
    threads, engine
        As for `compare`.

    Raises
    ------
    DriftError
        When data cannot be read or a setting cannot be used; the text is one line.
    """
    from driftcli.pipeline.elsewhere import engine_for
    from driftcli.pipeline.inputs import Reading
    from driftcli.pipeline.joint import check_threshold, instruments, run

    check_at_least(1, sample=sample, threads=threads)
    check_at_least(0, seed=seed)
    asked = instruments(
        witness=witness, discriminator=discriminator, critic=critic, lipschitz=lipschitz
    )
    for name in thresholds or {}:
        check_threshold(name, f"thresholds {name!r}", asked)
    configuration = configured(
        config,
        thresholds,
        read,
        pairs=True,
        fail_on=fail_on,
        strict=strict,
        correction=correction,
        block=block,
        where=where,
        where_baseline=where_baseline,
        where_current=where_current,
        engine=name_of(engine),
    )
    p, q = unwrapped(baseline), unwrapped(current)
    with engine_for(configuration, (p, q), threads, engine) as used:
        return run(
            p,
            q,
            configuration,
            selected(columns, exclude, rename),
            Reading(sample=sample, seed=seed, threads=threads, engine=used),
            asked,
        )
