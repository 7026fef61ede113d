"""Where people have their events sent."""

import asyncio
import base64
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from common.scopes import USER
from common.settings import settings
from tests.money.notices import ENDPOINTS, Sql, deliveries, endpoint, read
from tests.people import People, Person

URL = "https://example.org/hook"


@pytest.fixture
def environment_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()


def _set(patch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        patch.setenv(name, value)
    settings.cache_clear()


async def test_an_endpoint_is_made_listed_read_changed_and_deleted(ada: Person) -> None:
    made = await endpoint(ada, URL, "transfer.received", "hold.*", description="Shop")
    assert made["url"] == URL
    assert made["event_types"] == ["hold.*", "transfer.received"]
    assert (made["enabled"], made["disabled_reason"], made["description"]) == (True, None, "Shop")
    shown = {name: value for name, value in made.items() if name != "secret"}
    assert await read(ada, made) == shown
    assert (await ada.get(ENDPOINTS)).json() == {"items": [shown]}
    path = f"{ENDPOINTS}/{made['id']}"
    change = {"url": "https://example.org/other", "event_types": [], "description": ""}
    changed = (await ada.client.patch(path, json=change, headers=ada.auth)).json()
    assert {name: changed[name] for name in change} == change
    assert (await ada.client.patch(path, json={}, headers=ada.auth)).json()["url"] == "https://example.org/other"
    assert (await ada.client.delete(path, headers=ada.auth)).status_code == 204
    assert (await ada.get(path)).status_code == 404
    assert (await ada.get(ENDPOINTS)).json() == {"items": []}


async def test_an_endpoint_is_switched_off_and_on(ada: Person) -> None:
    made = await endpoint(ada, URL)
    path = f"{ENDPOINTS}/{made['id']}"
    off = (await ada.client.patch(path, json={"enabled": False}, headers=ada.auth)).json()
    assert (off["enabled"], off["disabled_reason"]) == (False, "owner")
    for action in ("test", f"deliveries/{uuid4()}/replay"):
        assert (await ada.post(f"{path}/{action}", None)).status_code in (404, 409)
    on = (await ada.client.patch(path, json={"enabled": True}, headers=ada.auth)).json()
    assert (on["enabled"], on["disabled_reason"]) == (True, None)


async def test_the_secret_is_in_the_standards_form_and_shown_at_creation_only(ada: Person) -> None:
    made = await endpoint(ada, URL)
    prefix, _, encoded = made["secret"].partition("_")
    assert prefix == "whsec"
    assert len(base64.b64decode(encoded, validate=True)) == 32
    shown = (await ada.get(ENDPOINTS)).text + (await ada.get(f"{ENDPOINTS}/{made['id']}")).text
    assert "whsec" not in shown
    assert encoded not in shown


async def test_each_endpoint_has_a_secret_of_its_own_and_a_retry_is_told_the_same(ada: Person) -> None:
    order = {"url": URL, "event_types": ["ping"]}
    first = await ada.post(ENDPOINTS, order, "k")
    again = await ada.post(ENDPOINTS, order, "k")
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert (await ada.post(ENDPOINTS, order)).json()["secret"] != first.json()["secret"]
    assert (await ada.post(ENDPOINTS, {"url": URL}, "k")).status_code == 422
    assert (await ada.client.post(ENDPOINTS, json=order, headers=ada.auth)).status_code == 400


async def test_no_table_holds_a_secret(ada: Person, sql: Sql, environment_of: pytest.MonkeyPatch) -> None:
    """With a configured SECRET_KEY a copy of the database signs nothing."""
    _set(environment_of, SECRET_KEY="a" * 32)
    made = await endpoint(ada, URL)
    rotated = (await ada.post(f"{ENDPOINTS}/{made['id']}/rotate-secret", None)).json()
    tables = sql("SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'money'")
    rows = [str(row) for (table,) in tables for row in sql(f"SELECT t::text FROM {table} AS t")]
    assert any(made["id"] in row for row in rows)
    for secret in (made["secret"], rotated["secret"]):
        plain = base64.b64decode(secret.removeprefix("whsec_"))
        for form in (secret, secret.removeprefix("whsec_"), plain.hex()):
            assert not any(form in row for row in rows)
    # The same endpoint's under another master secret is another one: the database's own plays no part.
    _set(environment_of, SECRET_KEY="b" * 32)
    other = (await ada.post(f"{ENDPOINTS}/{made['id']}/rotate-secret", None, "k")).json()
    _set(environment_of, SECRET_KEY="a" * 32)
    assert (await ada.post(f"{ENDPOINTS}/{made['id']}/rotate-secret", None, "k")).json()["secret"] != other["secret"]


async def test_a_rotation_is_made_once_for_a_key(ada: Person) -> None:
    made = await endpoint(ada, URL)
    path = f"{ENDPOINTS}/{made['id']}/rotate-secret"
    first, again = await ada.post(path, None, "k"), await ada.post(path, None, "k")
    assert again.json() == first.json()
    assert first.json()["secret"] != made["secret"]
    assert (await ada.post(path, None)).json()["secret"] not in (made["secret"], first.json()["secret"])
    assert (await read(ada, made))["old_secret_until"] > first.json()["old_secret_until"]


async def test_there_can_be_ten_also_when_they_are_made_at_once(ada: Person, bob: Person) -> None:
    answers = await asyncio.gather(*(ada.post(ENDPOINTS, {"url": URL}) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [409] * 2
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "TooManyWebhookEndpoints"
    assert len((await ada.get(ENDPOINTS)).json()["items"]) == 10
    assert (await bob.post(ENDPOINTS, {"url": URL})).status_code == 201
    one = (await ada.get(ENDPOINTS)).json()["items"][0]["id"]
    await ada.client.delete(f"{ENDPOINTS}/{one}", headers=ada.auth)
    assert (await ada.post(ENDPOINTS, {"url": URL})).status_code == 201


async def test_another_persons_endpoint_is_as_if_it_were_not_there(ada: Person, bob: Person, sql: Sql) -> None:
    made = await endpoint(ada, URL)
    delivery = (await ada.post(f"{ENDPOINTS}/{made['id']}/test", None)).json()["id"]
    for identifier in (made["id"], str(uuid4())):
        path = f"{ENDPOINTS}/{identifier}"
        answers = [
            await bob.get(path),
            await bob.client.patch(path, json={"enabled": False}, headers=bob.auth),
            await bob.client.delete(path, headers=bob.auth),
            await bob.post(f"{path}/rotate-secret", None),
            await bob.post(f"{path}/test", None),
            await bob.get(f"{path}/deliveries"),
            await bob.post(f"{path}/deliveries/{delivery}/replay", None),
        ]
        assert {(a.status_code, a.json()["code"]) for a in answers} == {(404, "WebhookEndpointNotFound")}
    his = await endpoint(bob, URL)
    elsewhere = await bob.post(f"{ENDPOINTS}/{his['id']}/deliveries/{delivery}/replay", None)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "DeliveryNotFound")
    assert [each["status"] for each in await deliveries(ada, made)] == ["pending"]
    assert (await read(ada, made))["enabled"]


async def test_reading_and_writing_want_their_scopes(people: People) -> None:
    reader = await people.person("Rea", scope=USER - {"money:write"})
    writer = await people.person("Wim", scope=USER - {"money:read"})
    assert (await reader.get(ENDPOINTS)).status_code == 200
    assert (await reader.post(ENDPOINTS, {"url": URL})).status_code == 403
    assert (await writer.get(ENDPOINTS)).status_code == 403


async def test_what_waits_for_a_deleted_endpoint_goes_with_it(ada: Person, sql: Sql) -> None:
    made = await endpoint(ada, URL)
    await ada.post(f"{ENDPOINTS}/{made['id']}/test", None)
    await ada.client.delete(f"{ENDPOINTS}/{made['id']}", headers=ada.auth)
    assert sql("SELECT FROM money.deliveries WHERE endpoint_id = %s", made["id"]) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": "example.org"},
        {"url": "ftp://example.org/"},
        {"url": "https://"},
        {"url": f"https://example.org/{'x' * 2000}"},
        {"url": URL, "event_types": ["transfer.lost"]},
        {"url": URL, "event_types": ["*"]},
        {"url": URL, "event_types": ["ping"] * 51},
        {"url": URL, "event_types": "ping"},
        {"url": URL, "description": "two\nlines"},
        {"url": URL, "secret": "whsec_AAAA"},
    ],
)
async def test_malformed_endpoints_are_refused(ada: Person, body: dict[str, Any]) -> None:
    assert (await ada.post(ENDPOINTS, body)).status_code == 422
    assert (await ada.get(ENDPOINTS)).json() == {"items": []}


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "https://user:secret@example.org/",
        "https://user@example.org/",
        "https://example.org/#fragment",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:a9fe:a9fe]/",
        "https://10.0.0.1:8443/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fd00:ec2::254]/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
    ],
)
async def test_addresses_that_can_be_seen_to_be_unsafe_are_refused(
    ada: Person, environment_of: pytest.MonkeyPatch, url: str
) -> None:
    made = await endpoint(ada, URL)
    _set(environment_of, ENVIRONMENT="prod")
    refused = await ada.post(ENDPOINTS, {"url": url})
    assert (refused.status_code, refused.json()["code"]) == (422, "UnsafeUrl"), refused.text
    changed = await ada.client.patch(f"{ENDPOINTS}/{made['id']}", json={"url": url}, headers=ada.auth)
    assert (changed.status_code, changed.json()["code"]) == (422, "UnsafeUrl")
    assert (await read(ada, made))["url"] == URL
