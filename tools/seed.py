"""Fill the running local stack through its public API: people, accounts, transfers, posts, a workbook. Safe to repeat."""

import argparse
import hashlib
import json
import re
import secrets
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from server import running
from tools.seed_data import PASSWORD, PEOPLE, TRANSFERS, Person

ROOT = Path(__file__).resolve().parents[1]
WORKBOOK = ROOT / "tests" / "data" / "online-retail-ii-part.xlsx"
_LINK = re.compile(r"/verify-email#token=(\S+)")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Refused(Exception):
    """The API answered with a problem."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(f"{status} {text}")


@dataclass
class Api:
    """As one person, once signed in."""

    url: str
    token: str = ""

    def call(self, method: str, path: str, body: Any = None, *, key: str = "", accept: str = "*/*") -> Any:
        headers = {"Content-Type": "application/json", "Accept": accept}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if key:
            # The same key on every run: the ledger answers a repeated order with what it did the first time.
            headers["Idempotency-Key"] = hashlib.sha256(f"seed {key}".encode()).hexdigest()[:32]
        data = None if body is None else json.dumps(body).encode()
        return _send(urllib.request.Request(self.url + path, data, headers, method=method))  # noqa: S310


def _send(request: urllib.request.Request) -> Any:
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - http to this machine
            text = answer.read()
    except urllib.error.HTTPError as error:
        raise Refused(error.code, error.read().decode(errors="replace")) from None
    return json.loads(text) if text.startswith((b"{", b"[")) else None


def sign_in(url: str, person: Person) -> Api:
    """Registers whom nobody knows yet."""
    api = Api(url)
    login = {"email": person.email, "password": PASSWORD, "transport": "body"}
    try:
        api.token = api.call("POST", "/v1/auth/login", login)["access_token"]
    except Refused as error:
        if error.status != HTTPStatus.UNAUTHORIZED:
            raise
        new = {"email": person.email, "password": PASSWORD, "display_name": person.name, "locale": person.locale}
        api.call("POST", "/v1/auth/register", new)
        verify(api, person.email)
        api.token = api.call("POST", "/v1/auth/login", login)["access_token"]
    return api


def verify(api: Api, email: str, seconds: float = 20) -> None:
    """As if the person had followed the link in the letter, which this machine keeps for whoever develops."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for letter in api.call("GET", "/dev/mail", accept="application/json"):
            token = _LINK.search(letter["BodyText"] or "")
            if token and email in letter["To"]:
                api.call("POST", "/v1/auth/verify-email", {"token": token[1]})
                return
        time.sleep(0.2)
    print(f"  {email} got no letter: the address stays unverified", file=sys.stderr)


def open_accounts(api: Api, person: Person) -> dict[str, str]:
    """Currency → account id, each with its first deposit."""
    accounts = {}
    for currency, amount in person.accounts.items():
        opened = api.call(
            "POST", "/v1/money/accounts", {"currency": currency}, key=f"account {person.email} {currency}"
        )
        accounts[currency] = opened["id"]
        order = {"account_id": opened["id"], "amount": amount, "currency": currency}
        api.call("POST", "/v1/money/deposits", order, key=f"deposit {person.email} {currency}")
    return accounts


def transfer(apis: dict[str, Api], accounts: dict[str, dict[str, str]]) -> None:
    for number, (payer, payee, currency, amount, why) in enumerate(TRANSFERS):
        order = {
            "from_account_id": accounts[payer][currency],
            "to_account_id": accounts[payee][currency],
            "amount": amount,
            "currency": currency,
            "description": why,
        }
        apis[payer].call("POST", "/v1/money/transfers", order, key=f"transfer {number}")


def publish(api: Api, person: Person) -> int:
    """The posts of this person that are not there yet."""
    author = api.call("GET", "/v1/auth/me")["id"]
    known = {post["title"] for post in api.call("GET", f"/v1/posts?author={author}&limit=100")["items"]}
    new = [post for post in person.posts if post.title not in known]
    for post in new:
        api.call("POST", "/v1/posts", {"title": post.title, "body": post.body, "tags": list(post.tags)})
    return len(new)


def upload(api: Api) -> str:
    """The workbook, the way a browser sends it; then wait until it is read."""
    if not WORKBOOK.exists():
        return f"{WORKBOOK.relative_to(ROOT)} is not in this checkout"
    uploads = api.call("GET", "/v1/analytics/uploads")
    items = uploads["items"] if isinstance(uploads, dict) else uploads
    if any(item["filename"] == WORKBOOK.name and item["state"] == "done" for item in items):
        return "was there"
    contents = WORKBOOK.read_bytes()
    form = api.call("POST", "/v1/analytics/uploads", {"filename": WORKBOOK.name, "size": len(contents)})
    _send(_form_request(form["url"], form["fields"], contents))
    return _when_read(api, form["id"])


def _form_request(url: str, fields: dict[str, str], contents: bytes) -> urllib.request.Request:
    border = secrets.token_hex(16)
    parts = [
        f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    file = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{WORKBOOK.name}"\r\nContent-Type: {_XLSX}\r\n\r\n'
    body = "".join([*parts, file]).encode() + contents + f"\r\n--{border}--\r\n".encode()
    return urllib.request.Request(url, body, {"Content-Type": f"multipart/form-data; boundary={border}"})  # noqa: S310


def _when_read(api: Api, upload_id: str, seconds: float = 120) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        now = api.call("GET", f"/v1/analytics/uploads/{upload_id}")
        if now["state"] == "done":
            return f"{now['rows_read']} rows read"
        if now["state"] == "failed":
            return f"failed: {now['error']}"
        time.sleep(0.3)
    return "still being read"


def seed(url: str) -> None:
    apis = {person.email.partition("@")[0]: sign_in(url, person) for person in PEOPLE}
    print(f"  people      {len(apis)}")
    accounts = {name: open_accounts(api, person) for (name, api), person in zip(apis.items(), PEOPLE, strict=True)}
    transfer(apis, accounts)
    print(f"  accounts    {sum(map(len, accounts.values()))}, {len(TRANSFERS)} transfers")
    print(f"  posts       {sum(publish(api, person) for api, person in zip(apis.values(), PEOPLE, strict=True))} new")
    print(f"  workbook    {upload(apis['ada'])}")
    print(f"\n  Sign in at {url} as any of them; the password is the same for all:\n")
    for person in PEOPLE:
        print(f"    {person.email:<22} {PASSWORD}")
    print()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.seed", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", help="of the stack; default: the one that runs from this folder")
    url = parser.parse_args().url or running.url(ROOT / ".local")
    if url is None:
        print(
            "Artel does not run from this folder. Start it with `make up` in another terminal, then seed.",
            file=sys.stderr,
        )
        return 1
    try:
        seed(url.rstrip("/"))
    except Refused as error:
        print(f"The API refused: {error}", file=sys.stderr)
        return 1
    except urllib.error.URLError as error:
        print(f"{url} does not answer: {error.reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
