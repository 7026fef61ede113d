"""The three doors: the server, a Lambda handler with no gateway in front, and the deployed template."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from sqlalchemy.engine import make_url

from auth.signing import PemSigner
from tests.attacks.door import Door, SigningKey
from tests.e2e.deployed import ORIGIN, Deployed
from tests.server.ways import Answer, Headers, answer_of, group_of, http_event, pairs

_HASHES: dict[str, hashes.HashAlgorithm] = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


class ByGateway:
    def __init__(self, api: httpx.Client) -> None:
        self._api = api

    async def __call__(self, method: str, path: str, headers: Headers, body: bytes | None) -> Answer:
        self._api.cookies.clear()
        answer = self._api.request(method, path, headers=pairs(headers), content=body)
        cookies = tuple(answer.headers.get_list("set-cookie"))
        return Answer(answer.status_code, dict(answer.headers), answer.content, cookies)


class ByInvocation:
    """The deployed function itself, with an event as the gateway makes it."""

    def __init__(self, stack: Deployed) -> None:
        self._stack = stack

    async def __call__(self, method: str, path: str, headers: Headers, body: bytes | None) -> Answer:
        name = self._stack.function(f"{group_of(path).title()}Function")
        event = json.dumps(http_event(method, path, headers, body)).encode()
        answer = self._stack.client("lambda").invoke(FunctionName=name, Payload=event)
        return answer_of(json.loads(answer["Payload"].read()))


def connect(database_url: str) -> psycopg.Connection:
    url = make_url(database_url)
    return psycopg.connect(user=url.username, dbname=url.database, host=str(url.query["host"]), autocommit=True)


def own_key(signer: PemSigner) -> SigningKey:
    key: rsa.RSAPrivateKey = signer._key

    def sign(message: bytes, algorithm: str) -> bytes:
        digest = _HASHES[algorithm[2:]]
        if algorithm.startswith("RS"):
            return key.sign(message, padding.PKCS1v15(), digest)
        return key.sign(message, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)

    return SigningKey(signer.jwk, sign)


def kms_key(kms: Any, jwk: dict[str, str], key_id: str) -> SigningKey:
    def sign(message: bytes, algorithm: str) -> bytes:
        size = algorithm[2:]
        scheme = "PKCS1_V1_5" if algorithm.startswith("RS") else "PSS"
        answer = kms.sign(
            KeyId=key_id,
            Message=hashlib.new(f"sha{size}", message).digest(),
            MessageType="DIGEST",
            SigningAlgorithm=f"RSASSA_{scheme}_SHA_{size}",
        )
        return bytes(answer["Signature"])

    return SigningKey(jwk, sign)


def _key_of(stack: Deployed) -> SigningKey:
    """The private half never leaves KMS, which signs what it is given: the right key for wrong content."""
    published = stack.api.get(f"{stack.outputs['Issuer']}/.well-known/jwks.json").json()["keys"]
    return kms_key(stack.client("kms"), published[0], stack.function("SigningKey"))


@contextmanager
def deployed_door(stack: Deployed) -> Iterator[Door]:
    with connect(stack.database) as owner, httpx.Client(base_url=stack.api.base_url, timeout=60) as api:
        ways = ByGateway(api), ByInvocation(stack)
        yield Door("deployed", *ways, owner, _key_of(stack), stack.outputs["Issuer"], ORIGIN)
