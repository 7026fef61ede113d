"""The image's entry point says what it needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


def _run(**given: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "server.main"]
    environment = {"PATH": os.environ["PATH"], "PORT": "1", **given}
    return subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("given", "code", "sentence"),
    [
        ({}, 78, "DATABASE_URL is not set"),
        ({"DATABASE_URL": ""}, 78, "DATABASE_URL is not set"),
        ({"GROUPS": "auth,mony"}, 78, "there is no group mony"),
        ({"DATABASE_URL": "mysql://a@b/c"}, 78, "Artel needs postgresql://"),
        ({"DATABASE_URL": "postgresql://a:secret@127.0.0.1:1/x"}, 69, "Connection refused"),
        ({"ENVIRONMENT": "production"}, 78, "ENVIRONMENT"),
    ],
)
def test_it_ends_with_a_sentence_when_it_cannot_serve(given: dict[str, str], code: int, sentence: str) -> None:
    done = _run(**given)
    assert done.returncode == code, done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr
