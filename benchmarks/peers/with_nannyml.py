"""NannyML's univariate drift with its defaults: the columns that it alerts on, most of the time.

    python with_nannyml.py baseline.parquet current.parquet

It cuts both sides into ten chunks, learns thresholds from those of the baseline, and alerts by
chunk and method. A column counts if some method alerts on more than half of the chunks.
"""

import sys
import warnings

import nannyml
import pandas as pd

warnings.simplefilter("ignore")
baseline, current = (pd.read_parquet(path) for path in sys.argv[1:3])
kept = [name for name in baseline if not pd.api.types.is_datetime64_any_dtype(baseline[name])]
categories = [name for name in kept if not pd.api.types.is_numeric_dtype(baseline[name])]
calculator = nannyml.UnivariateDriftCalculator(
    column_names=kept,
    treat_as_categorical=categories,
)
calculator.fit(baseline)
result = calculator.calculate(current).filter(period="analysis").to_df()
for name in kept:
    alerts = [part for part in result[name].columns if part[-1] == "alert"]
    if (result[name][alerts].astype(bool).mean() > 0.5).any():
        print(name)
