"""The template for a cluster names every job once."""

import os
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "experiments" / "slurm_array.sh"


def job(number: int, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"SLURM_ARRAY_TASK_ID": str(number), "SAPS_LAUNCH": "", "SAPS": "echo"}
    command = ["bash", str(SCRIPT), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_jobs_of_the_array_are_all_rows_with_all_seeds() -> None:
    said = [job(number, "2", "p/one.yaml", "p/two rows.yaml", "--", "--budget", "5m").stdout for number in range(4)]
    common = "compare p/one.yaml p/two rows.yaml --seeds 2 --only"
    named = [f"{row} --seed {seed}" for row in ("one", "two rows") for seed in (1, 2)]
    assert said == [f"{common} {name} --budget 5m\n" for name in named]


def test_a_job_beyond_the_rows_is_refused() -> None:
    done = job(4, "2", "one.yaml", "two.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there are only 2 rows x 2 seeds" in done.stderr
    assert job(0, "2").returncode == 2
