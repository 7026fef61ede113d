"""Somebody who has left something in every place there is, all of it marked with a word that nobody else uses."""

import secrets
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import psycopg
from httpx import AsyncClient, Response
from PIL import Image
from psycopg import sql
from sqlalchemy import func, update

from auth import audit, outbox, sessions
from auth.client import Client
from common import storage
from common.db import transaction
from common.mail import Mail
from common.models.auth import Device, PersonalToken, User
from common.models.auth_proofs import Challenge, ExternalIdentity, MailToken, Passkey, RecoveryCode, Totp
from common.models.auth_records import Export
from tests.analytics.books import book
from tests.analytics.conftest import Uploader
from tests.auth.community_traces import leave_community
from tests.auth.money_traces import leave_money
from tests.auth.posts_traces import leave_posts
from tests.conftest import ACCOUNTS_BUCKET, UPLOADS_BUCKET
from tests.people import People, Person


@dataclass(frozen=True)
class Traces:
    """`word` is in all that they wrote and are called; the others are what they came from and can be reached by."""

    person: Person
    word: str
    address: str
    phone: str

    @property
    def marks(self) -> tuple[str, ...]:
        return self.word, self.address, self.phone

    @property
    def client(self) -> Client:
        return Client(self.address, f"{self.word} browser", f"{self.word}-request")


async def leave(client: AsyncClient, people: People, other: Person) -> Traces:
    """Everything that a person can leave behind; `other` gets money from them and gives some back."""
    word = f"zq{secrets.token_hex(6)}"
    digits = f"{secrets.randbelow(10**9):09}"
    person = await people.person(f"Nobody-{word}")
    traces = Traces(person, word, f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::7", f"+7{digits}")
    await _profile(traces)
    await _proofs(traces)
    await _written(traces)
    await leave_community(person, word, other)
    await _money(traces, other)
    await Uploader(client).dataset(person, book([["Who", "n"], [f"{word} cell", 1]]), f"{word}.xlsx")
    return traces


async def _profile(traces: Traces) -> None:
    person, word = traces.person, traces.word
    profile = {
        "handle": word,
        "full_name": f"{word} full",
        "about": f"{word} about",
        "phone": traces.phone,
        "birth_date": "1990-01-02",
        "country": "GB",
        "city": f"{word} city",
        "time_zone": "Europe/London",
    }
    changed = await person.client.patch("/v1/auth/me", json=profile, headers=person.auth)
    assert changed.status_code == 200, changed.text
    out = BytesIO()
    Image.new("RGB", (20, 20)).save(out, "PNG")
    form = (await person.post("/v1/auth/me/avatar", {"content_type": "image/png", "bytes": len(out.getvalue())})).json()
    async with AsyncClient() as browser:
        await browser.post(form["url"], data=form["fields"], files={"file": ("me", out.getvalue())})
    order = {"upload_id": form["upload_id"]}
    assert (await person.client.put("/v1/auth/me/avatar", json=order, headers=person.auth)).status_code == 200
    # And one they never chose.
    await storage.write(ACCOUNTS_BUCKET, f"avatars/incoming/{person.id}/{uuid4()}", traces.word.encode(), "image/png")


async def _proofs(traces: Traces) -> None:
    me, word = traces.person.id, traces.word
    async with transaction("auth") as session:
        await session.execute(update(User).where(User.id == me).values(password_hash=f"hash of {word}"))
        secret = word.encode()
        later = func.now() + func.make_interval(0, 0, 0, 1)
        token = PersonalToken(user_id=me, name=word, scope="posts:write", secret_hash=secret, expires_at=later)
        session.add(token)
        session.add(Device(id=uuid4(), user_id=me))
        session.add(Totp(user_id=me, secret=secret, confirmed_at=func.now()))
        session.add(RecoveryCode(user_id=me, code_hash=secret))
        session.add(
            Passkey(user_id=me, credential_id=secret, public_key=secret, sign_count=1, name=word, backed_up=True)
        )
        session.add(ExternalIdentity(issuer="https://id.example", subject=word, user_id=me, provider="id", email=word))
        session.add(Challenge(purpose="mfa", user_id=me, secret_hash=secret, data={"word": word}, expires_at=later))
        session.add(
            MailToken(purpose="change", user_id=me, email=f"{word}@new.example", secret_hash=secret, expires_at=later)
        )
        session.add(Export(user_id=me, status="ready", object_key=await _old_export(traces), expires_at=later))
        await session.flush()
        await outbox.put(session, Mail(traces.person.email, word, word, word))
        await outbox.put(session, Mail(f"{word}@new.example", word, word, word))
        signed_in = await sessions.start(session, me, "profile", "pwd", traces.client)
        await audit.note(session, "signed_in", me, traces.client, session_id=signed_in.id, word=word)
        await audit.note(session, "disabled", uuid4(), traces.client, actor_id=me)


async def _old_export(traces: Traces) -> str:
    key = f"exports/{traces.person.id}/old.zip"
    await storage.write(ACCOUNTS_BUCKET, key, traces.word.encode(), "application/zip")
    return key


async def _written(traces: Traces) -> None:
    for number in range(2):
        post = {"title": f"{traces.word} {number}", "body": f"{traces.word} body", "tags": [traces.word, "common"]}
        written = await traces.person.post("/v1/posts", post)
        assert written.status_code == 201, written.text
    path = f"/v1/posts/{written.json()['id']}"
    edited = await traces.person.client.patch(path, json={"body": f"{traces.word} again"}, headers=traces.person.auth)
    assert edited.status_code == 200
    removed = await traces.person.client.delete(path, headers=traces.person.auth)
    assert removed.status_code == 204
    await leave_posts(traces.person, traces.word, written.json()["id"])


async def _money(traces: Traces, other: Person) -> None:
    person = traces.person
    named = await person.post("/v1/money/accounts", {"currency": "EUR", "name": f"{traces.word} savings"})
    mine, theirs = await person.account(1000), await other.account(1000)
    moves = ((person, mine, theirs, f"{traces.word} pays"), (other, theirs, mine, "from a friend"))
    for who, source, target, text in (*moves, (person, mine, named.json()["id"], "")):
        order = {"from_account_id": source, "to_account_id": target, "amount": 7, "currency": "EUR"}
        key = f"{traces.word}-{uuid4()}" if who is person else None
        paid = await who.post("/v1/money/transfers", {**order, "description": text}, key=key)
        assert paid.status_code == 201, paid.text
    await leave_money(person, traces.word, other, mine, theirs)


async def delete_me(person: Person, confirm: str | None = None) -> Response:
    body = {"confirm": confirm or person.email}
    return await person.client.request("DELETE", "/v1/auth/me", json=body, headers=person.auth)


# Looking for them --------------------------------------------------------------------------------------------------------


def tables(connection: psycopg.Connection) -> list[tuple[str, str]]:
    """Every table of every schema that is not PostgreSQL's own."""
    query = """SELECT table_schema, table_name FROM information_schema.tables
        WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"""
    return [(schema, table) for schema, table in connection.execute(query).fetchall()]


def places(connection: psycopg.Connection, marks: tuple[str, ...]) -> set[str]:
    """Tables in which a row has one of the marks in any column: as text, inside of JSON or an array, or as bytes."""
    spelled = [f"%{each}%" for mark in marks for each in (mark, mark.encode().hex())]
    found = set()
    for schema, table in tables(connection):
        statement = sql.SQL("SELECT EXISTS (SELECT FROM {} AS t WHERE t::text ILIKE ANY(%s))")
        row = connection.execute(statement.format(sql.Identifier(schema, table)), [spelled]).fetchone()
        if row and row[0]:
            found.add(f"{schema}.{table}")
    return found


def stored_objects(person: UUID, word: str) -> list[str]:
    """Objects, in any version, that are under the person's id, have the word in their name, or in their content."""
    client: Any = storage.client()
    found = []
    for bucket in (ACCOUNTS_BUCKET, UPLOADS_BUCKET):
        for version in client.list_object_versions(Bucket=bucket).get("Versions", []):
            body = client.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])["Body"].read()
            if str(person) in version["Key"] or word in version["Key"] or word.encode() in body:
                found.append(version["Key"])
    return found
