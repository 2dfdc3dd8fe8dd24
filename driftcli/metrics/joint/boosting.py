"""Gradient-boosted trees that tell the rows of two sides apart (scikit-learn)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcli.metrics.joint.dealing import Rows

Values = NDArray[np.float64]
#: Rows to the logarithm of the odds that they are of the current data.
LogOdds = Callable[[Values], Values]

#: Chosen on data of known divergence: more trees or leaves learn what is chance.
_HOW = {
    "max_iter": 60,
    "learning_rate": 0.1,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 40,
    "l2_regularization": 1.0,
    "early_stopping": False,
    "random_state": 0,
}


def boosted(rows: Rows, categorical: NDArray[np.bool_], *, interactions: bool) -> LogOdds:
    """Return what trees say of rows, once fitted to these, as if either side were as likely.

    Parameters
    ----------
    categorical : shape (columns,)
        Which columns hold the numbers of categories. NaN is a missing value in any.
    interactions
        Whether a tree may look at several columns. Without, log-odds are a sum of functions of
        one column each.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    sizes = len(rows.p), len(rows.q)
    how: dict[str, Any] = {} if interactions else {"interaction_cst": "no_interactions"}
    model = HistGradientBoostingClassifier(
        categorical_features=categorical if categorical.any() else None, **_HOW, **how
    )
    model.fit(np.concatenate([rows.p, rows.q]), np.repeat([0, 1], sizes))
    # Odds of the sizes are taken off: weights would do the same at ten times the cost.
    prior = math.log(sizes[1] / sizes[0])
    return lambda more: np.asarray(model.decision_function(more) - prior, np.float64)
