"""One Lambda sandbox without Docker: AWS's runtime interface client under AWS's runtime interface emulator."""

import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil

_CLIENT = ("awslambdaric", "simplejson", "snapshot-restore-py")
_INVOKE = "/2015-03-31/functions/function/invocations"


@dataclass(frozen=True)
class Function:
    """`task` and `layer` are what Lambda would unpack to /var/task and /opt."""

    name: str
    handler: str
    task: Path
    layer: Path | None = None
    variables: dict[str, str] = field(default_factory=dict)


def emulator_binary() -> Path:
    """The one that aws-sam-cli brings for `sam local`."""
    package = find_spec("samcli")
    assert package
    assert package.origin
    kind = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
    return Path(package.origin).parent / "local" / "rapid" / f"aws-lambda-rie-{kind}"


def lay_client(folder: Path) -> Path:
    """The runtime's own packages, compiled, as in Lambda's image, and none of this environment's others."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in _CLIENT:
        for file in distribution(name).files or ():
            source = Path(str(file.locate()))
            if ".." not in file.parts and source.suffix != ".pyc" and source.is_file():
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(folder)], check=True)
    return folder


def environment(function: Function, client: Path) -> dict[str, str]:
    """/var/task is read-only on Lambda, so nothing that comes uncompiled may be compiled on the first run here."""
    places = [function.task, *([function.layer / "python"] if function.layer else []), client]
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "AWS_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "30",
        "LAMBDA_TASK_ROOT": str(function.task),
        "PYTHONPATH": os.pathsep.join(map(str, places)),
        "PYTHONDONTWRITEBYTECODE": "1",
        **function.variables,
    }


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _invoke(url: str, event: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps(event).encode()
    while True:
        try:
            with urllib.request.urlopen(url, body, timeout=30) as answer:  # noqa: S310 - on this machine
                return dict(json.loads(answer.read()))
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            time.sleep(0.001)


@dataclass(frozen=True)
class Took:
    """Seconds from the start of the sandbox's first process to the answer of its first invocation.

    `cpu` is what its processes computed in that time: on a busy machine it tells more than the clock.
    """

    clock: float
    cpu: float


def _cpu(pid: int) -> float:
    sandbox = psutil.Process(pid)
    times = [process.cpu_times() for process in (sandbox, *sandbox.children(recursive=True))]
    return float(sum(time.user + time.system for time in times))


def cold_start(function: Function, event: dict[str, Any], client: Path) -> Took:
    port, runtime_port = _free_ports(2)
    python = Path(sys.base_prefix) / "bin" / "python3.13"
    command = [
        str(emulator_binary()),
        *("--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
        *("--runtime-api-address", f"127.0.0.1:{runtime_port}"),
        *(str(python), "-s", "-m", "awslambdaric", function.handler),
    ]
    started = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=function.task,
        env=environment(function, client),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            answer = _invoke(f"http://127.0.0.1:{port}{_INVOKE}", event)
            took = Took(time.perf_counter() - started, _cpu(process.pid))
        finally:
            process.terminate()
        said = process.communicate()[0].decode(errors="replace")
    if answer.get("statusCode") != 200:
        raise SystemExit(f"{function.name} answered {answer}\n{said}")
    return took
