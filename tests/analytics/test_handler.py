import subprocess
import sys

HEAVY = {"duckdb", "pandas", "numpy", "openpyxl", "python_calamine", "boto3", "botocore"}


def test_a_cold_start_imports_no_heavy_library() -> None:
    for module in ("analytics.handler", "analytics.upload_handler"):
        script = f"import {module}, sys; print(*sorted({HEAVY!r} & set(sys.modules)))"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env={}, check=True)
        assert done.stdout.split() == [], module
