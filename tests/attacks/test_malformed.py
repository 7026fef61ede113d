"""What no honest program sends: always 4xx, and nothing is done."""

import json
import time
from typing import Any

import pytest

from tests.attacks.door import JSON, Door, bearer, refused
from tests.attacks.members import PASSWORD, Member, SignedIn, address, member

ORDERS: dict[str, dict[str, Any]] = {
    "POST register": {"email": "new@example.org", "password": PASSWORD, "display_name": "New"},
    "POST login": {"email": "ada@example.org", "password": PASSWORD},
    "POST login/mfa": {"challenge": "A" * 64, "code": "123456"},
    "POST login/passkey/verify": {"challenge": "A" * 64, "credential": {}},
    "POST refresh": {"refresh_token": "A" * 70},
    "POST logout": {"refresh_token": "A" * 70},
    "POST verify-email": {"token": "A" * 64},
    "POST verify-email/resend": {"email": "ada@example.org"},
    "POST confirm-email": {"token": "A" * 64},
    "POST password/forgot": {"email": "ada@example.org"},
    "POST password/reset": {"token": "A" * 64, "password": PASSWORD},
    "POST tokens/exchange": {"token": "artel_pat_" + "A" * 64},
    "POST restore": {"token": "A" * 64},
    "PATCH me": {"display_name": "Ada"},
    "POST me/email": {"email": "new@example.org"},
    "POST me/password": {"current_password": PASSWORD, "new_password": "another battery of horses"},
    "POST me/tokens": {"name": "n", "scope": "money:read"},
    "POST me/mfa/totp/confirm": {"code": "123456"},
    "POST me/passkeys": {"challenge": "A" * 64, "name": "key", "credential": {}},
    "DELETE me": {"confirm": "ada@example.org"},
}
"""Every request with a body that anybody may send, well-formed."""
PRIVILEGED: dict[str, Any] = {
    "role": "admin",
    "roles": ["admin"],
    "is_admin": True,
    "balance": 1_000_000,
    "id": "00000000-0000-7000-8000-000000000000",
    "user_id": "00000000-0000-7000-8000-000000000000",
    "email_verified_at": "2026-01-01T00:00:00Z",
    "password_hash": "x",
    "scopes": "admin",
    "__proto__": {"admin": True},
}


async def _send(victim: SignedIn, request: str, body: bytes, *more: tuple[str, str]) -> Any:
    method, path = request.split(" ")
    headers = [*bearer(victim.access).items(), *(more or (JSON,))]
    return await victim.door.send(method, f"/v1/auth/{path}", headers, body)


@pytest.mark.parametrize("request_", ORDERS)
async def test_a_field_that_nobody_asked_for_is_an_error(victim: SignedIn, request_: str) -> None:
    for name, value in PRIVILEGED.items():
        answer = await _send(victim, request_, json.dumps({**ORDERS[request_], name: value}).encode())
        refused(answer, 422, "MalformedRequest")
        assert answer.json["errors"][0]["location"] == f"body.{name}"
    if "scope" not in ORDERS[request_] and request_ not in ("POST login", "POST tokens/exchange"):
        order = {**ORDERS[request_], "scope": "admin"}
        refused(await _send(victim, request_, json.dumps(order).encode()), 422, "MalformedRequest")


async def test_nothing_that_was_refused_has_changed_anything(victim: SignedIn) -> None:
    assert (await victim.made("GET", "/v1/auth/me"))["roles"] == ["user"]


_DEEP = 20_000
ABSURD: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"{",
    "null": b"null",
    "a list": b"[]",
    "text": b'"x"',
    "not UTF-8": b'{"email": "\xff\xfe"}',
    "UTF-16": '{"email": "a"}'.encode("utf-16"),
    "deep lists": b"[" * _DEEP + b"]" * _DEEP,
    "deep objects": b'{"a":' * _DEEP + b"1" + b"}" * _DEEP,
    "an endless number": b'{"email": ' + b"9" * 5000 + b"}",
    "not a number": b'{"email": NaN}',
    "half a megabyte": b'{"email": "' + b"a" * 500_000 + b'"}',
    "a field named by half a character": b'{"\\ud800": 1}',
    "a field whose name is long": json.dumps({"n" * 500_000: 1}).encode(),
    "three megabytes": b" " * 3_000_000,
    "fifty thousand fields": json.dumps({f"f{n}": n for n in range(50_000)}).encode(),
}


@pytest.mark.parametrize("name", ABSURD)
async def test_an_absurd_body_is_an_error_of_its_sender(victim: SignedIn, name: str) -> None:
    for request in ORDERS:
        answer = await _send(victim, request, ABSURD[name])
        # Whoever comes without a token has none to refresh or to sign out with.
        assert len(answer.body) < 20_000  # what was sent is not sent back
        bare = request in ("POST refresh", "POST logout") and name in ("nothing", "null")
        assert 400 <= answer.status < 500 or (bare and answer.status in (204, 401)), (request, answer)


_TEXTS = {"NUL": "a\0b", "half a character": "\ud800", "10 KB": "x" * 10_240, "a bell": "\a"}


@pytest.mark.parametrize("text", _TEXTS)
@pytest.mark.parametrize("request_", ORDERS)
async def test_absurd_text_in_any_field_is_an_error_of_its_sender(victim: SignedIn, request_: str, text: str) -> None:
    order = ORDERS[request_]
    for field in order:
        body = json.dumps({**order, field: _TEXTS[text]}).encode()
        answer = await _send(victim, request_, body)
        assert 400 <= answer.status < 500 or (answer.status == 204 and request_ == "POST logout"), (field, answer)


@pytest.mark.parametrize("kind", [7, True, None, [], {}, ["a@example.org"], {"a": 1}], ids=str)
@pytest.mark.parametrize("request_", ORDERS)
async def test_a_value_of_another_kind_is_an_error(victim: SignedIn, request_: str, kind: object) -> None:
    order = ORDERS[request_]
    for field in order:
        answer = await _send(victim, request_, json.dumps({**order, field: kind}).encode())
        left_out = kind is None and answer.status in (204, 401, 403)
        empty = field == "credential" and kind in ({}, {"a": 1}) and answer.status == 401
        assert answer.status == 422 or left_out or empty, (field, answer)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/xml"])
async def test_another_content_type_is_an_error(victim: SignedIn, kind: str) -> None:
    """A page elsewhere may send these without asking (CORS); none of them is read."""
    for request, order in ORDERS.items():
        if request == "POST logout":  # its body may be left out
            continue
        answer = await _send(victim, request, json.dumps(order).encode(), ("Content-Type", kind))
        assert answer.status == 422, (request, answer)


ADDRESSES = [
    "ada@example.org\r\nBcc: everybody@example.org",
    "ada@example.org\n",
    "\rada@example.org",
    "ada@example.org,bob@example.org",
    "ada@example.org;bob@example.org",
    "ada@example.org bob@example.org",
    "Ada <ada@example.org>",
    "ada@example.org%0d%0aBcc:x@example.org",
    "ada@",
    "@example.org",
    "ada",
    "ada@@example.org",
    "ada@[127.0.0.1]",
    "ada@localhost",
    "<ada@example.org>",
    "ada@example.org\u2028",
    "",
    '"ada\r\n"@example.org',
    "ada@example.org\0",
    "ada@" + "a." * 130 + "org",
]


@pytest.mark.parametrize("request_", [name for name, order in ORDERS.items() if "email" in order])
async def test_what_is_not_one_address_is_none(victim: SignedIn, request_: str) -> None:
    for wrong in ADDRESSES:
        answer = await _send(victim, request_, json.dumps({**ORDERS[request_], "email": wrong}).encode())
        refused(answer, 422, "MalformedRequest")


@pytest.mark.parametrize("length", [0, 7, 257, 1_000_000], ids=["none", "short", "long", "a megabyte"])
async def test_a_password_past_the_bounds_is_never_hashed(door: Door, ada: Member, length: int) -> None:
    """It costs a fraction of what a sign-in costs, however long it is."""
    order = {"email": address("new"), "display_name": "New", "password": "x" * length}
    refusals, sign_ins = [], []
    for _ in range(3):
        began = time.perf_counter()
        refused(await door.call("POST", "/v1/auth/register", order), 422, "MalformedRequest")
        refusals.append(time.perf_counter() - began)
        began = time.perf_counter()
        await ada.sign_in()
        sign_ins.append(time.perf_counter() - began)
    assert min(refusals) < min(sign_ins)


@pytest.mark.parametrize(
    "path", ["/v1/auth/me/../admin/users", "/v1/auth//me", "/v1/auth/me/", "/v1/auth/ME", "/v1/auth/%6de%00"]
)
async def test_another_spelling_of_a_path_is_no_way_around(door: Door, path: str) -> None:
    answer = await door.send("GET", path)
    assert answer.status in (400, 401, 403, 404), answer


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "X"])
async def test_another_method_is_none(door: Door, method: str) -> None:
    answer = await door.send(method, "/v1/auth/login", [JSON, ("X-HTTP-Method-Override", "POST")], b"{}")
    assert answer.status in (400, 404, 405, 501), answer


async def test_an_id_that_is_none_is_an_error_of_its_sender(victim: SignedIn) -> None:
    for wrong in ("1", "-1", "%00", "null", "..%2f..", "'%20OR%201=1", "x" * 3000):
        for path in ("sessions", "tokens", "passkeys"):
            answer = await victim.call("DELETE", f"/v1/auth/me/{path}/{wrong}")
            assert answer.status in (400, 404, 405, 414, 422), answer


_QUERIES = ["%00", "%ff", "%ed%a0%80", "x" * 3000, "%27%20OR%201=1--", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%0d%0aX:%20y"]
_PLACES = [
    "auth/admin/users?q={}",
    "auth/admin/users?role={}",
    "auth/admin/users?cursor={}",
    "auth/admin/users?limit={}",
    "auth/admin/users/{}",
    "auth/admin/audit?event={}",
    "auth/admin/audit?since={}",
    "auth/admin/audit?user_id={}",
    "auth/me/audit?cursor={}",
    "auth/me/export/{}",
    "auth/avatars/{}",
    "money/accounts/{}",
    "posts/{}",
    "posts?tag={}",
    "posts?cursor={}",
    "analytics/datasets/{}",
]


@pytest.mark.parametrize("place", _PLACES)
async def test_an_absurd_query_finds_nothing_or_is_an_error(door: Door, place: str) -> None:
    boss = await member(door, "Boss", "admin").sign_in()
    for text in _QUERIES:
        answer = await boss.call("GET", f"/v1/{place.format(text)}")
        assert answer.status in (400, 404, 422) or (answer.status == 200 and "?" in place), (text, answer)
        assert answer.headers.get("x") is None


async def test_headers_are_cut_to_a_sensible_length(victim: SignedIn) -> None:
    """And a request id that is none is not repeated."""
    for text in ("x" * 3000, "\x7f", "a b", "<script>"):
        headers = [*bearer(victim.access).items(), ("User-Agent", text), ("X-Request-Id", text)]
        answer = await victim.door.send("GET", "/v1/auth/me", headers)
        assert answer.status == 200
        assert answer.headers["x-request-id"] != text
