"""Whom the server believes about where a request comes from: nobody, unless the operator says whom."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.conftest import copy_database

CHECKOUT = Path(__file__).parents[2]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _server(database: str, **given: str) -> Iterator[httpx.Client]:
    port = _free_port()
    environment = {
        "PATH": os.environ["PATH"],
        **{name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ},
        "PYTHONDONTWRITEBYTECODE": "1",
        "DATABASE_URL": database,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "GROUPS": "auth",
        "MIGRATE": "false",
        "LOG_LEVEL": "WARNING",
        "RATE_LIMITS": "register=2/3600",
        **given,
    }
    with subprocess.Popen([sys.executable, "-m", "server.main"], cwd=CHECKOUT, env=environment) as process:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                _wait_for(client, process)
                yield client
        finally:
            process.terminate()


def _wait_for(client: httpx.Client, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            client.get("/v1/auth/health")
        except httpx.ConnectError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the server did not start")


def _register(client: httpx.Client, forwarded_for: str | None) -> int:
    order = {
        "email": f"a.{secrets.token_hex(6)}@example.org",
        "password": secrets.token_hex(8),
        "display_name": "Somebody",
    }
    headers = {"X-Forwarded-For": forwarded_for} if forwarded_for else {}
    return client.post("/v1/auth/register", json=order, headers=headers).status_code


CLAIMED = ["203.0.113.1", "203.0.113.2", "203.0.113.3", "127.0.0.1", None]


@pytest.mark.parametrize("variables", [{}, {"FORWARDED_ALLOW_IPS": "*"}, {"TRUSTED_PROXIES": "198.51.100.0/24"}])
def test_a_bare_header_moves_no_limit(worker_id: str, variables: dict[str, str]) -> None:
    database = copy_database(f"artel_proxies_{worker_id}")
    with _server(database, **variables) as client:
        assert [_register(client, address) for address in CLAIMED] == [202, 202, 429, 429, 429]


def test_a_trusted_proxy_is_believed_about_the_last_step_only(worker_id: str) -> None:
    database = copy_database(f"artel_proxies_{worker_id}")
    with _server(database, TRUSTED_PROXIES="127.0.0.0/8,::1") as client:
        assert [_register(client, address) for address in CLAIMED[:3]] == [202, 202, 202]
        # What stands left of the proxy's own word was sent by the client.
        spoofed = [f"198.51.100.{n}, 203.0.113.1" for n in range(3)]
        assert [_register(client, address) for address in spoofed] == [202, 429, 429]
