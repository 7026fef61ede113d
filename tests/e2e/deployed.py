"""The template, built and deployed to an emulator of AWS."""

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from server.emulator import Emulator, client_environment
from tests.conftest import copy_database
from tools import build
from tools.deployment import Deployment, deploy

ORIGIN = "http://localhost:8000"


@dataclass(frozen=True)
class Deployed:
    """`api` speaks to the gateway as a browser would; `outputs` are the stack's; `database` is the owner's URL."""

    api: httpx.Client
    endpoint: str
    outputs: dict[str, str]
    database: str

    def client(self, service: Any) -> Any:
        """Of boto3, for what a person cannot do."""
        names: dict[str, Any] = {
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
            "region_name": "us-east-1",
        }
        return boto3.client(service, endpoint_url=self.endpoint, **names)

    def function(self, logical_id: str) -> str:
        described = self.client("cloudformation").describe_stack_resource(
            StackName="artel", LogicalResourceId=logical_id
        )
        return str(described["StackResourceDetail"]["PhysicalResourceId"])


@contextmanager
def deployed_stack() -> Iterator[Deployed]:
    """Takes as long as a deployment does: one for all tests that need one."""
    build.build_if_stale()
    folder = Path(tempfile.mkdtemp(prefix="artel-e2e-", dir="/tmp"))
    cloud = _start(folder)
    try:
        # Empty: bringing it to the newest revision is a part of the deployment.
        database = copy_database("artel_e2e", template="template1")
        variables = client_environment(cloud.url)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            what = Deployment("artel", ORIGIN, database, cloud.url)
            outputs = deploy(what, build.environment() | variables, lambda _resource: None)
        base = f"{cloud.url}/_aws/execute-api/{outputs['ApiId']}"
        with httpx.Client(base_url=base, timeout=60, headers={"Origin": ORIGIN}) as api:
            yield Deployed(api, cloud.url, outputs, database)
    finally:
        cloud.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path) -> Emulator:
    cloud = Emulator(folder / "aws", folder / "run")
    cloud.child.gently = signal.SIGKILL  # nothing of it is kept, so it need not save anything
    cloud.launch()
    cloud.wait()
    return cloud
