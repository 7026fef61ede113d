"""People on the deployed stack."""

import secrets
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.e2e.deployed import Deployed

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Visitor:
    """Somebody with an account, signed in over HTTP."""

    api: httpx.Client
    email: str

    def sign_in(self, **more: str) -> dict[str, Any]:
        order = {"email": self.email, "password": PASSWORD, "transport": "body", **more}
        answer = self.api.post("/v1/auth/login", json=order)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def bearer(self, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.sign_in(**more)['access_token']}"}


@pytest.fixture(scope="session")
def ada(deployed: Deployed) -> Visitor:
    return _registered(deployed.api, "Ada")


@pytest.fixture(scope="session")
def bob(deployed: Deployed) -> Visitor:
    return _registered(deployed.api, "Bob")


def _registered(api: httpx.Client, name: str) -> Visitor:
    email = f"{name.lower()}.{secrets.token_hex(4)}@example.org"
    order = {"email": email, "password": PASSWORD, "display_name": name}
    answer = api.post("/v1/auth/register", json=order)
    assert answer.status_code == 202, answer.text
    return Visitor(api, email)
