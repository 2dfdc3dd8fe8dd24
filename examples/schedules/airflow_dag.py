"""Checks as an Airflow DAG: a task a check, so that each has its own state and log.

A run that is cleared and run again checks the day that it was for: `--date` says so.
"""

from datetime import UTC, datetime, timedelta

from airflow import DAG
from airflow.operators.bash import BashOperator

CHECKS = ("orders", "returns")
# Exit code 1 is drift, which is no better a minute later; 2 may be data that is late, which
# `retry` in drift.toml waits for.
COMMAND = (
    "/srv/venv/bin/drift run {check} --config /srv/drift/drift.toml --wait 1h"
    " --date {{{{ data_interval_end.strftime('%Y-%m-%dT%H') }}}}"
)

with DAG(
    "drift",
    schedule="30 5 * * *",
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
):
    for check in CHECKS:
        BashOperator(
            task_id=check,
            bash_command=COMMAND.format(check=check),
            retries=0,
            execution_timeout=timedelta(hours=4),
        )
