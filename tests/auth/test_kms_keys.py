"""Keys that live in KMS, and the documents that a gateway reads in a bucket."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from unittest import mock

import boto3
import psycopg
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from httpx import AsyncClient

from auth import issuer_documents, issuer_handler, key_rotation, signing
from auth.key_rotation import KEEP, WAIT
from common import storage
from tests.auth.keys import NOW, Clock, configured, kid_of, me, own_database, published, refresh, rows, signer, someone

BUCKET = "artel-issuer"


@pytest.fixture
async def owner(worker_id: str, loop_of_the_run: None, store: str) -> AsyncIterator[psycopg.Connection]:
    """Of a stack whose first key is in KMS and whose documents are in a bucket."""
    storage.client().create_bucket(Bucket=BUCKET)
    for name in (issuer_documents.KEYS, issuer_documents.DISCOVERY):
        storage.client().delete_object(Bucket=BUCKET, Key=name)
    async with own_database(
        f"artel_kms_{worker_id}", SIGNING_KMS_KEY_ID=new_key(), ISSUER_BUCKET=BUCKET, STACK_NAME="artel-test"
    ) as connection:
        yield connection


@pytest.fixture
def clock(owner: psycopg.Connection) -> Clock:
    return Clock(owner)


def kms() -> Any:
    return boto3.client("kms")


def new_key() -> str:
    return str(kms().create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"])


def in_bucket() -> list[str]:
    return [key["kid"] for key in issuer_documents.published(BUCKET)]


async def test_a_key_in_kms_signs_and_nothing_of_it_is_in_the_database(
    owner: psycopg.Connection, client: AsyncClient
) -> None:
    _, token, _ = await someone()
    assert await me(client, token) == 200
    (row,) = rows(owner).values()
    assert row["source"] == "configured"
    assert row["reference"]
    assert row["private_key"] is None


async def test_a_process_that_knows_the_key_asks_kms_for_signatures_only(owner: psycopg.Connection) -> None:
    await signer()
    with configured(), mock.patch("auth.signing.kms", side_effect=AssertionError):
        await signer()


async def test_a_rotation_makes_a_key_in_kms_with_the_stack_s_tag(
    owner: psycopg.Connection, client: AsyncClient, clock: Clock
) -> None:
    _, old, _ = await someone()
    rotation = await key_rotation.rotate()
    made = rows(owner)[rotation.kid]
    assert made["source"] == "kms"
    tags = kms().list_resource_tags(KeyId=made["reference"])["Tags"]
    assert tags == [{"TagKey": "artel-stack", "TagValue": "artel-test"}]
    clock.goes_on(WAIT + timedelta(seconds=1))
    _, new, _ = await someone()
    assert kid_of(new) == rotation.kid
    assert await me(client, old) == await me(client, new) == 200


async def test_the_bucket_shows_what_the_database_says(
    owner: psycopg.Connection, client: AsyncClient, clock: Clock
) -> None:
    first = (await signer()).jwk["kid"]
    await key_rotation.advance()
    assert in_bucket() == [first]
    rotation = await key_rotation.rotate()
    assert in_bucket() == [first, rotation.kid]
    document = json.loads(storage.client().get_object(Bucket=BUCKET, Key=issuer_documents.DISCOVERY)["Body"].read())
    assert document["jwks_uri"].endswith("/.well-known/jwks.json")
    clock.goes_on(WAIT + KEEP)
    await key_rotation.advance()
    assert in_bucket() == [rotation.kid]
    assert await published(client) == {rotation.kid}


async def test_the_bucket_is_written_only_when_the_keys_have_changed(owner: psycopg.Connection) -> None:
    await signer()
    await key_rotation.advance()
    with mock.patch("auth.issuer_documents.put", side_effect=AssertionError):
        await key_rotation.advance()


async def test_a_retired_key_of_ours_is_destroyed_in_kms_and_the_operator_s_is_not(
    owner: psycopg.Connection, clock: Clock
) -> None:
    named = (await signer()).jwk["kid"]
    rotation = await key_rotation.rotate(NOW, NOW)
    configured_key, first = (rows(owner)[kid]["reference"] for kid in (named, rotation.kid))
    clock.goes_on(timedelta(minutes=1))
    await key_rotation.rotate(NOW, NOW)
    clock.goes_on(timedelta(minutes=1))
    for _ in range(2):
        await key_rotation.advance()
    assert kms().describe_key(KeyId=first)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert kms().describe_key(KeyId=configured_key)["KeyMetadata"]["KeyState"] == "Enabled"


async def test_a_key_that_is_gone_from_kms_stops_nothing(owner: psycopg.Connection, clock: Clock) -> None:
    await signer()
    rotation = await key_rotation.rotate(NOW, NOW)
    first = rows(owner)[rotation.kid]["reference"]
    kms().schedule_key_deletion(KeyId=first, PendingWindowInDays=7)
    clock.goes_on(timedelta(minutes=1))
    await key_rotation.rotate(NOW, NOW)
    clock.goes_on(timedelta(minutes=1))
    await key_rotation.advance()
    assert first not in {row["reference"] for row in rows(owner).values()}


async def test_a_key_that_the_gateway_could_not_be_shown_waits_on(
    owner: psycopg.Connection, client: AsyncClient, clock: Clock
) -> None:
    _, old, _ = await someone()
    await key_rotation.advance()
    broken = ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject")
    with mock.patch("auth.issuer_documents.put", side_effect=broken):
        clock.goes_on(timedelta(days=91))
        for _ in range(10):
            with pytest.raises(ClientError):
                await key_rotation.advance()
            clock.goes_on(timedelta(hours=1))
            assert kid_of((await someone())[1]) == kid_of(old)
    await key_rotation.advance()
    assert set(in_bucket()) == await published(client) == rows(owner).keys()
    clock.goes_on(WAIT - timedelta(minutes=70))
    assert kid_of((await someone())[1]) == kid_of(old)
    clock.goes_on(timedelta(minutes=71))
    assert kid_of((await someone())[1]) in rows(owner).keys() - {kid_of(old)}
    assert await me(client, old) == 200
    clock.goes_on(KEEP)
    assert await me(client, old) == 401


async def test_a_stolen_key_retires_in_its_time_though_the_next_one_waits_on(owner: psycopg.Connection) -> None:
    stolen = (await signer()).jwk["kid"]
    await key_rotation.rotate(NOW, timedelta(minutes=10))
    retires_at = rows(owner)[stolen]["retires_at"]
    await key_rotation.rotate()
    broken = ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject")
    with mock.patch("auth.issuer_documents.published", side_effect=broken), pytest.raises(ClientError):
        await key_rotation.advance()
    assert rows(owner)[stolen]["retires_at"] == retires_at


async def test_while_kms_is_away_a_refresh_is_a_503_that_costs_no_session(
    owner: psycopg.Connection, client: AsyncClient
) -> None:
    _, _, token = await someone()
    away = mock.Mock(**{"sign.side_effect": EndpointConnectionError(endpoint_url="https://kms")})
    with mock.patch("auth.signing.kms", return_value=away):
        answer = await refresh(client, token)
    assert (answer.status_code, answer.json()["code"]) == (503, "SigningUnavailable")
    assert answer.headers["Retry-After"]
    assert (await refresh(client, token)).status_code == 200


async def test_another_key_id_waits_until_the_gateway_knows_it(owner: psycopg.Connection, clock: Clock) -> None:
    old = (await signer()).jwk["kid"]
    with configured(SIGNING_KMS_KEY_ID=new_key()):
        assert (await signer()).jwk["kid"] == old
        assert len(rows(owner)) == 2
        clock.goes_on(WAIT + timedelta(seconds=1))
        assert (await signer()).jwk["kid"] != old


async def test_a_row_from_before_its_id_was_kept_is_taken_up(owner: psycopg.Connection) -> None:
    kid = (await signer()).jwk["kid"]
    owner.execute("UPDATE auth.signing_keys SET reference = NULL")
    with configured():
        assert (await signer()).jwk["kid"] == kid
    assert len(rows(owner)) == 1


async def test_a_deployment_keeps_what_rotation_has_published(owner: psycopg.Connection) -> None:
    await signer()
    first = signing.kms_jwk(new_key())
    issuer_documents.publish(BUCKET, [{"kid": "rotated"}, first])
    with mock.patch("common.custom_resource._send") as answered:
        for request in ("Update", "Create", "Delete"):
            properties = {"Bucket": BUCKET, "KeyId": new_key()}
            issuer_handler.handler({"RequestType": request, "ResourceProperties": properties}, None)
            if request == "Update":
                assert in_bucket()[:2] == ["rotated", first["kid"]]
                assert len(in_bucket()) == 3
            if request == "Create":
                assert len(in_bucket()) == 1
        assert in_bucket() == []
    assert [call.args[1]["Status"] for call in answered.call_args_list] == ["SUCCESS"] * 3
