"""Pictures in posts: sent to the store, looked at, made anew in several sizes, shown for ever, and put away unused."""

import asyncio
import random
from io import BytesIO
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from httpx import AsyncClient, Response
from PIL import Image

from common import storage
from common.pictures import InvalidImage
from common.settings import settings
from posts import background, image_copies, images
from tests.auth.test_avatar import NO_PICTURES, picture
from tests.conftest import ACCOUNTS_BUCKET
from tests.people import Person
from tests.posts.test_posts import POSTS, write

IMAGES = f"{POSTS}/images"


async def _begin(person: Person, content: bytes, content_type: str = "image/png") -> Response:
    return await person.post(IMAGES, {"content_type": content_type, "bytes": len(content)})


async def _put(form: dict[str, Any], content: bytes) -> int:
    """As a browser sends it to the store."""
    async with AsyncClient() as browser:
        sent = await browser.post(form["url"], data=form["fields"], files={"file": ("me", content)})
    return sent.status_code


async def _send(person: Person, content: bytes) -> str:
    begun = await _begin(person, content)
    assert begun.status_code == 201, begun.text
    assert await _put(begun.json(), content) < 300
    return str(begun.json()["id"])


async def _complete(person: Person, image: str) -> Response:
    return await person.post(f"{IMAGES}/{image}/complete", None)


async def _made(person: Person, content: bytes) -> dict[str, Any]:
    answer = await _complete(person, await _send(person, content))
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _stored(image: str) -> list[str]:
    listed = storage.client().list_objects_v2(Bucket=ACCOUNTS_BUCKET, Prefix=f"images/{image}/")
    return sorted(each["Key"].rsplit("/", 1)[1] for each in listed.get("Contents", []))


@pytest.mark.usefixtures("store")
async def test_a_picture_is_there_in_three_sizes_for_ever(client: AsyncClient, ada: Person) -> None:
    made = await _made(ada, picture(size=(2000, 1000)))
    assert (made["state"], made["width"], made["height"]) == ("ready", 2000, 1000)
    assert [(copy["width"], copy["height"]) for copy in made["copies"]] == [(320, 160), (800, 400), (1600, 800)]
    for copy in made["copies"]:
        shown = await client.get(copy["url"])
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
        assert shown.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert shown.headers["x-content-type-options"] == "nosniff"
        opened = Image.open(BytesIO(shown.content))
        assert (opened.format, opened.size) == ("WEBP", (copy["width"], copy["height"]))
    assert _stored(made["id"]) == ["1600.webp", "320.webp", "800.webp"]
    assert (await ada.get(f"{IMAGES}/{made['id']}")).json() == made


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        ((100, 50), [(100, 50)]),
        ((320, 10), [(320, 10)]),
        ((321, 10), [(320, 10), (321, 10)]),
        ((1000, 1000), [(320, 320), (800, 800), (1000, 1000)]),
        ((1, 3000), [(1, 1280), (1, 3000)]),
        ((1600, 6400), [(320, 1280), (800, 3200), (1600, 6400)]),
        ((5000, 1), [(320, 1), (800, 1), (1600, 1)]),
    ],
)
async def test_no_copy_is_larger_than_the_picture(size: tuple[int, int], sizes: list[tuple[int, int]]) -> None:
    copies = await image_copies.made(picture(size=size))
    assert [Image.open(BytesIO(each)).size for each in copies.files.values()] == sizes


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_is_turned_and_forgets_where_it_was_taken(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "SECRET-PLACE", 6
    raw = picture(kind, size=(2000, 1000), exif=exif)
    assert b"SECRET-PLACE" in raw
    copies = await image_copies.made(raw)
    assert (copies.width, copies.height) == (1000, 2000)
    for size, content in copies.files.items():
        assert b"SECRET-PLACE" not in content
        opened = Image.open(BytesIO(content)).convert("RGB")
        assert opened.size == image_copies.fitted(1000, 2000, size)
        top, bottom = opened.getpixel((opened.width // 2, 20)), opened.getpixel((opened.width // 2, opened.height - 20))
        assert top[0] > 150 > top[2]  # type: ignore[index]
        assert bottom[2] > 150 > bottom[0]  # type: ignore[index]


@pytest.mark.parametrize("raw", NO_PICTURES.values(), ids=NO_PICTURES.keys())
async def test_what_is_no_plain_picture_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidImage):
        await image_copies.made(raw)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
async def test_pictures_of_every_kind_of_colour_are_taken(mode: str) -> None:
    out = BytesIO()
    Image.new(mode, (400, 30)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    assert (await image_copies.made(out.getvalue())).files.keys() == {320, 800}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_damaged_files_are_refused_or_taken_and_never_an_error_of_ours(kind: str) -> None:
    whole, choose = picture(kind, (60, 40)), random.Random(kind)
    taken = 0
    for _ in range(200):
        damaged = bytearray(whole)
        for _ in range(choose.randint(1, 6)):
            damaged[choose.randrange(len(damaged))] = choose.randrange(256)
        try:
            await image_copies.made(bytes(damaged))
            taken += 1
        except InvalidImage:
            pass
    assert taken < 200


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("name", ["html", "half a PNG", "4 thousand million pixels", "a zip behind a PNG"])
async def test_a_hostile_file_is_a_clear_problem_and_not_kept(client: AsyncClient, ada: Person, name: str) -> None:
    image = await _send(ada, NO_PICTURES[name])
    for _ in range(2):
        refused = await _complete(ada, image)
        assert (refused.status_code, refused.json()["code"]) == (422, "InvalidImage")
    assert (await ada.get(f"{IMAGES}/{image}")).json()["state"] == "refused"
    assert _stored(image) == []
    assert (await client.get(f"{IMAGES}/{image}/320.webp")).json()["code"] == "ImageNotFound"


@pytest.mark.usefixtures("store")
async def test_completing_at_once_and_again_gives_the_same(ada: Person) -> None:
    image = await _send(ada, picture())
    answers = await asyncio.gather(*(_complete(ada, image) for _ in range(4)))
    answers.append(await _complete(ada, image))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1


@pytest.mark.usefixtures("store")
async def test_what_is_replaced_after_completion_is_never_looked_at(client: AsyncClient, ada: Person) -> None:
    form = (await _begin(ada, picture())).json()
    await _put(form, picture())
    made = (await _complete(ada, form["id"])).json()
    before = (await client.get(made["copies"][0]["url"])).content
    await _put(form, picture(size=(30, 20)))
    assert (await _complete(ada, form["id"])).json() == made
    assert (await client.get(made["copies"][0]["url"])).content == before


@pytest.mark.usefixtures("store")
async def test_the_file_must_have_arrived_and_be_no_larger_than_was_said(ada: Person) -> None:
    form = (await _begin(ada, b"x" * 10)).json()
    assert (await _complete(ada, form["id"])).json()["code"] == "ImageNotSent"
    assert await _put(form, b"x" * 11) == 400
    assert (await _complete(ada, form["id"])).status_code == 409


@pytest.mark.usefixtures("store")
async def test_another_persons_picture_does_not_exist(client: AsyncClient, ada: Person, bob: Person) -> None:
    image = await _send(ada, picture())
    for answer in (await _complete(bob, image), await bob.get(f"{IMAGES}/{image}"), await _complete(bob, str(uuid4()))):
        assert (answer.status_code, answer.json()["code"]) == (404, "ImageNotFound")
    assert (await client.post(IMAGES, json={"content_type": "image/png", "bytes": 1})).status_code == 401


@pytest.mark.usefixtures("store")
async def test_images_without_end_are_refused(monkeypatch: pytest.MonkeyPatch, ada: Person) -> None:
    monkeypatch.setattr(images, "MOST_IN_A_DAY", 3)
    answers = await asyncio.gather(*(_begin(ada, b"x") for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 201, 429, 429]


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    "order",
    [
        {"content_type": "image/svg+xml", "bytes": 10},
        {"content_type": "image/png", "bytes": 0},
        {"content_type": "image/png", "bytes": 15 * 1024 * 1024 + 1},
        {"content_type": "image/png", "bytes": 10, "key": "avatars/somebody"},
    ],
)
async def test_other_files_are_not_announced(ada: Person, order: dict[str, Any]) -> None:
    assert (await ada.post(IMAGES, order)).status_code == 422


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("name", ["original", "321.webp", "..%2foriginal", "%00", "320.WEBP"])
async def test_nothing_but_the_copies_is_shown(client: AsyncClient, ada: Person, name: str) -> None:
    image = await _send(ada, picture())
    assert (await client.get(f"{IMAGES}/{image}/{name}")).status_code in (404, 422)
    assert (await client.get(f"{IMAGES}/x/320.webp")).status_code == 422


async def test_without_a_bucket_images_are_503(
    client: AsyncClient, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACCOUNTS_BUCKET", raising=False)
    settings.cache_clear()
    try:
        for answer in (await _begin(ada, b"x"), await client.get(f"{IMAGES}/{uuid4()}/320.webp")):
            assert (answer.status_code, answer.json()["code"]) == (503, "StorageNotConfigured")
    finally:
        monkeypatch.undo()
        settings.cache_clear()


# Putting away --------------------------------------------------------------------------------------------------------------


def _age(connection: psycopg.Connection, hours: int, *ids: str) -> None:
    for name in ids:
        age = (
            "UPDATE posts.images SET created_at = now() - %s * interval '1 hour', checked_at = created_at WHERE id = %s"
        )
        connection.execute(age, [hours, name])
        connection.execute("UPDATE posts.images SET checked_at = created_at WHERE id = %s", [name])


@pytest.mark.usefixtures("store")
async def test_pictures_in_no_post_are_put_away_after_a_day(
    client: AsyncClient, ada: Person, owner_connection: psycopg.Connection
) -> None:
    used, unused, fresh = [await _made(ada, picture(size=(30, 20))) for _ in range(3)]
    waiting = str((await _begin(ada, b"x")).json()["id"])
    refused = await _send(ada, b"x")
    await _complete(ada, refused)
    made = await write(ada, body=f"![A picture]({used['copies'][0]['url']})")
    assert used["copies"][0]["url"] in made["html"]
    _age(owner_connection, 25, used["id"], unused["id"], waiting, refused)
    _age(owner_connection, 23, fresh["id"])
    for _ in range(2):  # as they were sent, and then the pictures
        await asyncio.gather(*(background.run_due() for _ in range(3)))
    states = [(await ada.get(f"{IMAGES}/{image}")).status_code for image in (unused["id"], waiting, refused)]
    assert states == [404, 404, 404]
    assert _stored(unused["id"]) == []
    for kept in (used, fresh):
        assert (await client.get(kept["copies"][0]["url"])).status_code == 200
    # In a deleted post, which can be restored, it stays; in none, it goes a day later.
    await ada.client.delete(f"{POSTS}/{made['id']}", headers=ada.auth)
    _age(owner_connection, 25, used["id"])
    await background.run_due()
    assert _stored(used["id"]) == ["320.webp"]
    owner_connection.execute("UPDATE posts.posts SET body = 'x' WHERE id = %s", [made["id"]])
    _age(owner_connection, 25, used["id"])
    await background.run_due()
    assert _stored(used["id"]) == []


@pytest.mark.usefixtures("store")
async def test_what_is_sent_after_completion_is_put_away_when_the_form_has_ended(
    ada: Person, owner_connection: psycopg.Connection
) -> None:
    form = (await _begin(ada, picture())).json()
    await _put(form, picture())
    await _complete(ada, form["id"])
    await _put(form, picture())
    assert "original" in _stored(form["id"])
    await background.run_due()
    assert "original" in _stored(form["id"])
    _age(owner_connection, 1, form["id"])
    await background.run_due()
    assert _stored(form["id"]) == ["320.webp", "800.webp"]


@pytest.mark.usefixtures("store")
async def test_one_image_that_cannot_be_deleted_keeps_no_other(
    ada: Person, owner_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, gone = [(await _made(ada, picture(size=(30, 20))))["id"] for _ in range(2)]
    _age(owner_connection, 25, stuck, gone)
    whole = storage.delete

    async def delete(bucket: str, prefix: str) -> None:
        if stuck in prefix:
            raise storage.StorageUnavailable
        await whole(bucket, prefix)

    monkeypatch.setattr(storage, "delete", delete)
    for _ in range(2):
        with pytest.raises(ExceptionGroup, match="background work failed"):
            await background.run_due()
    assert [(await ada.get(f"{IMAGES}/{image}")).status_code for image in (stuck, gone)] == [200, 404]
    monkeypatch.undo()
    for _ in range(2):
        await background.run_due()
    assert (await ada.get(f"{IMAGES}/{stuck}")).status_code == 404


@pytest.mark.usefixtures("store")
async def test_ones_pictures_are_listed_and_can_be_deleted(ada: Person, bob: Person, client: AsyncClient) -> None:
    made = [(await _made(ada, picture()))["id"] for _ in range(3)]
    await _send(ada, picture())  # nobody has said that it is there
    first = (await ada.get(IMAGES, params={"limit": 2})).json()
    rest = (await ada.get(IMAGES, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [image["id"] for image in (*first["items"], *rest["items"])] == made[::-1]
    assert (await bob.get(IMAGES)).json()["items"] == []

    path = f"{IMAGES}/{made[0]}"
    assert (await bob.client.delete(path, headers=bob.auth)).status_code == 404
    assert (await ada.client.delete(path, headers=ada.auth)).status_code == 204
    assert _stored(made[0]) == []
    assert (await client.get(f"{path}/320.webp")).status_code == 404
    assert made[0] not in [image["id"] for image in (await ada.get(IMAGES)).json()["items"]]
