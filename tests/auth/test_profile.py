"""GET and PATCH me: what people may say about themselves, and what is not taken."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest
from httpx import Response

from auth import access_tokens, sessions
from auth.countries import COUNTRIES
from common.db import transaction
from tests.people import TESTS, People, Person

WHOLE = {
    "display_name": "Ada",
    "locale": "ru",
    "full_name": "Ada Lovelace",
    "about": "Analytical engines.\n\tAnd poetry: Шевченко, 詩.",
    "phone": "+442079460958",
    "birth_date": "1990-12-10",
    "country": "GB",
    "city": "St. John's Wood",
    "time_zone": "Europe/London",
}


async def _patch(person: Person, change: Any) -> Response:
    return await person.client.patch("/v1/auth/me", json=change, headers=person.auth)


async def test_a_profile_is_kept_as_it_was_given(ada: Person) -> None:
    changed = await _patch(ada, WHOLE)
    assert changed.status_code == 200, changed.text
    me = (await ada.get("/v1/auth/me")).json()
    assert me == changed.json()
    assert {name: me[name] for name in WHOLE} == WHOLE
    assert (me["email_verified"], me["has_password"], me["avatar_url"]) == (True, False, None)


async def test_what_is_left_out_stays_and_null_clears(ada: Person) -> None:
    await _patch(ada, WHOLE)
    cleared = await _patch(ada, {"phone": None, "about": None, "birth_date": None})
    me = cleared.json()
    assert (me["phone"], me["about"], me["birth_date"]) == (None, None, None)
    assert (me["city"], me["display_name"]) == (WHOLE["city"], "Ada")
    assert (await _patch(ada, {})).json() == me


async def test_a_phone_number_may_be_typed_with_separators(ada: Person) -> None:
    assert (await _patch(ada, {"phone": "+44 (20) 7946-0958"})).json()["phone"] == "+442079460958"


async def test_nobody_else_s_profile_changes(ada: Person, bob: Person) -> None:
    await _patch(ada, WHOLE)
    assert (await bob.get("/v1/auth/me")).json()["phone"] is None


async def _with_less(person: Person, scope: str) -> Person:
    async with transaction("auth") as session:
        signed_in = await sessions.start(session, person.id, scope, "pwd", TESTS)
        return replace(person, token=await access_tokens.mint(session, signed_in))


async def test_a_token_without_the_scope_profile_reads_no_private_fields_and_changes_none(people: People) -> None:
    carol = await people.person("Carol")
    await _patch(carol, WHOLE)
    narrow = await _with_less(carol, "posts:write")
    me = (await narrow.get("/v1/auth/me")).json()
    assert me["display_name"] == "Ada"
    assert {me[name] for name in ("full_name", "about", "phone", "birth_date", "country", "city", "time_zone")} == {
        None
    }
    assert (await _patch(narrow, {"city": "Turin"})).status_code == 403


def _tomorrow() -> str:
    return (datetime.now(UTC).date() + timedelta(days=1)).isoformat()


REFUSED: dict[str, Any] = {
    "no name": {"display_name": None},
    "empty name": {"display_name": " "},
    "no language": {"locale": None},
    "unknown language": {"locale": "xx"},
    "a line break in a name": {"full_name": "Ada\nLovelace"},
    "NUL in a name": {"full_name": "Ada\0"},
    "NUL in the text": {"about": "a\0b"},
    "a control character": {"city": "a\x1bb"},
    "a C1 control character": {"city": "a\x85b"},
    "a line separator": {"city": "a\u2028b"},
    "empty text": {"about": ""},
    "long text": {"about": "x" * 1001},
    "10 KB": {"city": "x" * 10_240},
    "phone without plus": {"phone": "442079460958"},
    "phone of 16 digits": {"phone": "+1234567890123456"},
    "phone in other digits": {"phone": "+٤٤٢٠٧٩٤٦٠٩٥٨"},
    "a number for a phone": {"phone": 442079460958},
    "born too early": {"birth_date": "1899-12-31"},
    "no such day": {"birth_date": "1990-02-30"},
    "a number for a date": {"birth_date": 0},
    "a time for a date": {"birth_date": "1990-12-10T00:00:00"},
    "a date in another way": {"birth_date": "10.12.1990"},
    "no country": {"country": "XX"},
    "a country in lower case": {"country": "gb"},
    "a country of three letters": {"country": "GBR"},
    "no time zone": {"time_zone": "Mars/Olympus"},
    "a path for a time zone": {"time_zone": "../../etc/passwd"},
    "NUL in a time zone": {"time_zone": "Europe/\0"},
    "a list": {"city": ["London"]},
    "roles": {"roles": ["admin"]},
    "e-mail": {"email": "eve@example.org"},
    "verified": {"email_verified": True},
    "id": {"id": "00000000-0000-0000-0000-000000000000"},
    "picture": {"avatar_id": "00000000-0000-0000-0000-000000000000"},
    "deletion": {"deleted_at": None},
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED.keys())
async def test_what_makes_no_sense_is_422_and_changes_nothing(ada: Person, change: dict[str, Any]) -> None:
    before = (await ada.get("/v1/auth/me")).json()
    refused = await _patch(ada, change)
    assert refused.status_code == 422, refused.text
    assert (await ada.get("/v1/auth/me")).json() == before


async def test_nobody_is_born_tomorrow(ada: Person) -> None:
    assert (await _patch(ada, {"birth_date": _tomorrow()})).status_code == 422


async def test_half_a_character_is_no_text(ada: Person) -> None:
    body = rb'{"full_name": "\ud800"}'
    headers = {**ada.auth, "Content-Type": "application/json"}
    assert (await ada.client.patch("/v1/auth/me", content=body, headers=headers)).status_code == 422


async def test_the_audit_log_says_which_fields_changed_and_not_how(ada: Person, owner_connection: Any) -> None:
    await _patch(ada, {"city": "Turin", "phone": None})
    query = "SELECT event, detail FROM auth.audit_log WHERE user_id = %s"
    assert owner_connection.execute(query, [ada.id]).fetchall() == [("profile_changed", {"fields": ["city", "phone"]})]


def test_the_countries_are_those_of_the_time_zone_database() -> None:
    table = files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text(encoding="utf-8")
    assert {line.split("\t")[0] for line in table.splitlines() if not line.startswith("#")} == COUNTRIES
