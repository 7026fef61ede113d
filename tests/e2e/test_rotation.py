"""An operator begins a rotation on AWS: the next key is made in KMS and shown to the gateway, and everybody stays signed in."""

import json
from typing import Any

import pytest

from tests.e2e.conftest import Visitor
from tests.e2e.deployed import Deployed

pytestmark = pytest.mark.xdist_group("deployed")


def _published(deployed: Deployed) -> list[str]:
    keys = deployed.api.get(f"{deployed.outputs['Issuer']}/.well-known/jwks.json").json()["keys"]
    return [key["kid"] for key in keys]


def _keys_of_the_stack(deployed: Deployed) -> set[str]:
    kms: Any = deployed.client("kms")
    mine = {"TagKey": "artel-stack", "TagValue": "artel"}
    known = [key["KeyId"] for key in kms.list_keys()["Keys"]]
    return {key for key in known if mine in kms.list_resource_tags(KeyId=key)["Tags"]}


def test_the_next_key_is_published_before_it_signs(deployed: Deployed, ada: Visitor) -> None:
    bearer = ada.bearer()
    keys, shown = _keys_of_the_stack(deployed), _published(deployed)
    event = json.dumps({"task": "rotate-keys"})
    answer = deployed.client("lambda").invoke(
        FunctionName=deployed.function("AuthBackgroundFunction"), Payload=event.encode()
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
    assert len(_keys_of_the_stack(deployed) - keys) == 1
    assert _published(deployed)[: len(shown)] == shown
    assert len(_published(deployed)) == len(shown) + 1
    for headers in (bearer, ada.bearer()):
        assert deployed.api.get("/v1/money/accounts", headers=headers).status_code == 200
