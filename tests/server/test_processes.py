"""A recorded number is not enough to kill a process."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from server.processes import Child, Record, find, identify


@pytest.fixture
def stranger() -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # for a moment after exec the kernel shows no command line
        yield process
        process.kill()


def test_the_number_of_another_process_is_not_ours(stranger: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    right = identify(stranger.pid, "time.sleep")
    assert find(right) is not None
    assert find(Record(right.pid, right.started - 100, right.program)) is None  # the number was given out again
    assert find(Record(right.pid, right.started, "ministack")) is None  # started at that moment, but something else

    (tmp_path / "aws.json").write_text(json.dumps({"pid": right.pid, "started": 1.0, "program": "time.sleep"}))
    assert not Child("aws", "ministack", tmp_path).stop_leftover()
    assert stranger.poll() is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1, "other": 2}'])
def test_a_record_that_makes_no_sense_is_ignored(tmp_path: Path, text: str) -> None:
    (tmp_path / "aws.json").write_text(text)
    assert not Child("aws", "ministack", tmp_path).stop_leftover()


def test_a_process_that_does_not_listen_is_killed_with_its_family(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); print('up', flush=True); time.sleep(60)"
    )
    child = Child("deaf", "time.sleep", tmp_path)
    child.start([sys.executable, "-c", code])
    while "up" not in child.last_words():
        assert child.exit_code is None
    record = json.loads((tmp_path / "deaf.json").read_text())
    family = psutil.Process(record["pid"]).children()
    assert len(family) == 1
    monkeypatch.setattr("server.processes._PATIENCE_S", 0.2)
    child.stop()
    assert not family[0].is_running() or family[0].status() == psutil.STATUS_ZOMBIE
    assert not (tmp_path / "deaf.json").exists()
    assert find(Record(**record)) is None
    assert child.gently is signal.SIGTERM
