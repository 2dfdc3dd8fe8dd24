"""Checks as Dagster asset checks: drift shows on the asset, with the columns that drifted."""

import json
import subprocess

import dagster

DRIFT = ["/srv/venv/bin/drift", "run", "--config", "/srv/drift/drift.toml", "--format", "jsonl"]


def asset_check(name: str) -> dagster.AssetChecksDefinition:
    """Return the check of an asset that drift.toml has a check for, of the same name."""

    @dagster.asset_check(asset=name, name="drift")
    def check() -> dagster.AssetCheckResult:
        command = [*DRIFT, "--wait", "1h", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if not done.stdout:
            raise dagster.Failure(done.stderr)
        found = json.loads(done.stdout)
        return dagster.AssetCheckResult(
            passed=done.returncode == 0,
            metadata={
                "outcome": found["outcome"],
                "drifted": found.get("columns", {}).get("drift", []),
                "error": found["error"] or "",
            },
        )

    return check


definitions = dagster.Definitions(
    asset_checks=[asset_check("orders"), asset_check("returns")],
    schedules=[
        dagster.ScheduleDefinition(
            job=dagster.define_asset_job(
                "drift", selection=dagster.AssetSelection.all_asset_checks()
            ),
            cron_schedule="30 5 * * *",
        )
    ],
)
