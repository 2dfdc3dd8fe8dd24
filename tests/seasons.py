"""Generated history: two years of days with a season, a week and noise."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

START = int(datetime(2022, 1, 3, tzinfo=UTC).timestamp())  # a Monday
DAY = 86_400


def season(days: range, rows: int, seed: int, shift: float = 0.0, new: float = 0.0) -> pa.Table:
    """Return days of data, `rows` each.

    `load` follows the year and the week, `calm` follows nothing, `shop` has fewer of "web" at
    weekends. `shift` moves `load` by so many units; `new` is the share of a shop never seen.
    """
    random = np.random.default_rng([seed, days.start])
    day = np.repeat(np.arange(days.start, days.stop), rows)
    weekend = day % 7 >= 5
    load = 10 + 3 * np.sin(2 * np.pi * day / 365) - 2 * weekend + random.normal(0, 2, day.size)
    web = random.random(day.size) < np.where(weekend, 0.35, 0.6)
    shop = np.where(random.random(day.size) < new, "pop-up", np.where(web, "web", "store"))
    return pa.table(
        {
            "ts": pa.array(START + day * DAY + random.integers(0, DAY, day.size)).cast(
                pa.timestamp("s")
            ),
            "load": load + shift,
            "calm": random.normal(0, 1, day.size),
            "shop": shop,
        }
    )
