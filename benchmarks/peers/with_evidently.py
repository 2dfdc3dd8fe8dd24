"""The drift preset of Evidently with its defaults: the names of the columns that it calls drifted.

python with_evidently.py baseline.parquet current.parquet
"""

import sys

import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset

baseline, current = (pd.read_parquet(path) for path in sys.argv[1:3])
snapshot = Report([DataDriftPreset()]).run(current, baseline)
for metric in snapshot.dict()["metrics"]:
    settings = metric["config"]
    if not settings["type"].endswith("ValueDrift"):
        continue
    is_p = "p_value" in settings["method"]
    level = settings["threshold"]
    if metric["value"] < level if is_p else metric["value"] >= level:
        print(settings["column"])
