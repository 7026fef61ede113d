"""A few of the damaged workbooks that `make fuzz-workbooks` makes by the thousand."""

import subprocess
import sys
from pathlib import Path


def test_each_damaged_workbook_ends_in_a_dataset_or_a_reason(tmp_path: Path) -> None:
    """In a process of its own: it forks, and what a fork inherits counts towards its limits."""
    command = [sys.executable, "-m", "tests.analytics.fuzz", "--seed", "7", "--files", "60", "--keep", str(tmp_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "'dataset': " in done.stdout
    assert "'refused': " in done.stdout
    assert "killed" not in done.stdout
