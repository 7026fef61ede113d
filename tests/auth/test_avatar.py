"""Pictures: sent to the store, looked at, cut, and shown; whatever else a file holds stays outside."""

import random
import zipfile
import zlib
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient, Response
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from auth.avatar_images import squares
from common import storage
from common.pictures import InvalidImage
from common.settings import settings
from tests.conftest import ACCOUNTS_BUCKET
from tests.people import Person

RED, BLUE = (220, 20, 20), (20, 20, 220)


def picture(kind: str = "PNG", size: tuple[int, int] = (600, 400), **options: Any) -> bytes:
    """The left half red, the right half blue."""
    made = Image.new("RGB", size, RED)
    made.paste(BLUE, (size[0] // 2, 0, size[0], size[1]))
    out = BytesIO()
    made.save(out, kind, **options)
    return out.getvalue()


async def _begin(person: Person, content: bytes, content_type: str = "image/png") -> Response:
    return await person.post("/v1/auth/me/avatar", {"content_type": content_type, "bytes": len(content)})


async def _send(person: Person, content: bytes, content_type: str = "image/png") -> str:
    """The upload's id, after the file has gone to the store as a browser sends it."""
    begun = await _begin(person, content, content_type)
    assert begun.status_code == 201, begun.text
    form = begun.json()
    async with AsyncClient() as browser:
        sent = await browser.post(form["url"], data=form["fields"], files={"file": ("me", content)})
    assert sent.status_code in (200, 201, 204), sent.text
    return str(form["upload_id"])


async def _choose(person: Person, upload_id: str) -> Response:
    return await person.client.put("/v1/auth/me/avatar", json={"upload_id": upload_id}, headers=person.auth)


async def _set(person: Person, content: bytes) -> str:
    """The picture's path."""
    chosen = await _choose(person, await _send(person, content))
    assert chosen.status_code == 200, chosen.text
    return str(chosen.json()["avatar_url"])


def _stored(prefix: str) -> list[str]:
    listed = storage.client().list_objects_v2(Bucket=ACCOUNTS_BUCKET, Prefix=prefix)
    return [each["Key"] for each in listed.get("Contents", [])]


@pytest.mark.usefixtures("store")
async def test_a_picture_is_cut_to_a_square_and_shown_to_everybody(client: AsyncClient, ada: Person) -> None:
    path = await _set(ada, picture(size=(900, 300)))
    assert (await ada.get("/v1/auth/me")).json()["avatar_url"] == path
    for size, query in ((512, ""), (128, "?size=128")):
        shown = await client.get(path + query)
        assert shown.status_code == 200
        assert shown.headers["content-type"] == "image/webp"
        assert shown.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert shown.headers["x-content-type-options"] == "nosniff"
        square = Image.open(BytesIO(shown.content))
        assert (square.format, square.size) == ("WEBP", (size, size))
        left, right = (square.convert("RGB").getpixel((x, size // 2)) for x in (size // 8, size - size // 8))
        assert left[0] > 150 > left[2]  # type: ignore[index]
        assert right[2] > 150 > right[0]  # type: ignore[index]


@pytest.mark.usefixtures("store")
async def test_the_file_that_was_sent_and_the_former_picture_are_not_kept(client: AsyncClient, ada: Person) -> None:
    first = await _set(ada, picture())
    second = await _set(ada, picture("JPEG"))
    assert first != second
    assert (await client.get(first)).status_code == 404
    assert (await client.get(second)).status_code == 200
    assert _stored(f"avatars/incoming/{ada.id}/") == []
    folder = f"avatars/{ada.id}/{second.rpartition('/')[2]}"
    assert _stored(f"avatars/{ada.id}/") == [f"{folder}/128.webp", f"{folder}/512.webp"]


@pytest.mark.usefixtures("store")
async def test_a_picture_can_be_taken_away(client: AsyncClient, ada: Person) -> None:
    path = await _set(ada, picture())
    for _ in range(2):
        assert (await client.delete("/v1/auth/me/avatar", headers=ada.auth)).status_code == 204
    assert (await client.get(path)).json()["code"] == "AvatarNotFound"
    assert (await ada.get("/v1/auth/me")).json()["avatar_url"] is None
    assert _stored(f"avatars/{ada.id}/") == []


@pytest.mark.usefixtures("store")
async def test_another_person_s_file_does_not_exist(ada: Person, bob: Person) -> None:
    upload_id = await _send(ada, picture())
    assert (await _choose(bob, upload_id)).status_code == 404
    assert (await _choose(bob, str(uuid4()))).json()["code"] == "AvatarNotFound"
    assert (await _choose(ada, upload_id)).status_code == 200


@pytest.mark.usefixtures("store")
async def test_the_store_refuses_a_file_larger_than_was_said(ada: Person) -> None:
    form = (await _begin(ada, b"x" * 10)).json()
    async with AsyncClient() as browser:
        sent = await browser.post(form["url"], data=form["fields"], files={"file": ("me", b"x" * 11)})
    assert sent.status_code == 400
    assert (await _choose(ada, form["upload_id"])).status_code == 404


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    "order",
    [
        {"content_type": "image/svg+xml", "bytes": 10},
        {"content_type": "text/html", "bytes": 10},
        {"content_type": "image/png", "bytes": 0},
        {"content_type": "image/png", "bytes": 10 * 1024 * 1024 + 1},
        {"content_type": "image/png", "bytes": "10"},
        {"content_type": "image/png", "bytes": 10, "key": "avatars/somebody"},
        {"content_type": "image/png"},
    ],
    ids=lambda order: " ".join(map(str, order.values())),
)
async def test_other_files_are_not_announced(ada: Person, order: dict[str, Any]) -> None:
    assert (await ada.post("/v1/auth/me/avatar", order)).status_code == 422


@pytest.mark.usefixtures("store")
async def test_a_file_that_is_no_picture_is_422_whatever_it_was_called(ada: Person) -> None:
    refused = await _choose(ada, await _send(ada, b"<svg xmlns='http://www.w3.org/2000/svg'/>"))
    assert refused.status_code == 422
    assert refused.json()["code"] == "InvalidImage"
    assert (await ada.get("/v1/auth/me")).json()["avatar_url"] is None


async def test_without_a_bucket_pictures_are_503_and_the_rest_works(
    client: AsyncClient, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACCOUNTS_BUCKET", raising=False)
    settings.cache_clear()
    try:
        answers = [await _begin(ada, b"x"), await _choose(ada, str(uuid4()))]
        assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(503, "StorageNotConfigured")}
        assert (await client.get(f"/v1/auth/avatars/{uuid4()}")).status_code == 404
        assert (await ada.get("/v1/auth/me")).status_code == 200
    finally:
        monkeypatch.undo()
        settings.cache_clear()


async def test_who_has_no_token_has_no_form(client: AsyncClient) -> None:
    order = {"content_type": "image/png", "bytes": 1}
    assert (await client.post("/v1/auth/me/avatar", json=order)).status_code == 401


@pytest.mark.parametrize("size", ["64", "1000000", "x"])
async def test_there_are_two_sizes(client: AsyncClient, size: str) -> None:
    assert (await client.get(f"/v1/auth/avatars/{UUID(int=1)}?size={size}")).status_code == 422


# The file itself ---------------------------------------------------------------------------------------------------------


def _metadata() -> dict[str, bytes]:
    exif = Image.Exif()
    exif[0x010E] = "SECRET-PLACE"
    exif[0x0112] = 6  # turned: what is left in the file is at the top of the picture
    text = PngInfo()
    text.add_text("Comment", "SECRET-PLACE")
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>SECRET-PLACE</x:xmpmeta>"
    return {
        "PNG": picture(pnginfo=text, exif=exif, icc_profile=b"SECRET-PLACE"),
        "JPEG": picture("JPEG", exif=exif, comment=b"SECRET-PLACE", icc_profile=b"SECRET-PLACE"),
        "WEBP": picture("WEBP", exif=exif.tobytes(), xmp=xmp, icc_profile=b"SECRET-PLACE"),
        "GIF": picture("GIF", comment=b"SECRET-PLACE"),
    }


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_nothing_that_the_file_says_besides_the_picture_is_kept(kind: str) -> None:
    raw = _metadata()[kind]
    assert b"SECRET-PLACE" in raw
    for square in (await squares(raw)).values():
        assert b"SECRET-PLACE" not in square
        opened = Image.open(BytesIO(square))
        assert not opened.getexif()
        assert opened.info.keys() <= {"loop", "background", "timestamp", "duration"}


async def test_a_picture_is_turned_as_the_camera_was_held() -> None:
    square = Image.open(BytesIO((await squares(_metadata()["JPEG"]))[128])).convert("RGB")
    top, bottom = square.getpixel((64, 10)), square.getpixel((64, 118))
    assert top[0] > 150 > top[2]  # type: ignore[index]
    assert bottom[2] > 150 > bottom[0]  # type: ignore[index]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
async def test_pictures_of_every_kind_of_colour_are_taken(mode: str) -> None:
    out = BytesIO()
    made = Image.new(mode, (40, 30))
    made.save(out, "JPEG" if mode == "CMYK" else "PNG")
    assert (await squares(out.getvalue())).keys() == {512, 128}


async def test_of_a_moving_picture_the_first_one_is_taken() -> None:
    out = BytesIO()
    frames = [Image.new("RGB", (30, 30), colour) for colour in (RED, BLUE, BLUE)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    square = Image.open(BytesIO((await squares(out.getvalue()))[128]))
    assert getattr(square, "n_frames", 1) == 1
    assert square.convert("RGB").getpixel((64, 64))[0] > 150  # type: ignore[index]


def _bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header claims this size."""
    whole = picture(size=(1, 1))
    header = b"IHDR" + width.to_bytes(4) + height.to_bytes(4) + whole[24:29]
    return whole[:12] + header + zlib.crc32(header).to_bytes(4) + whole[33:]


def _zip() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "x")
    return out.getvalue()


NO_PICTURES = {
    "nothing": b"",
    "text": b"hello",
    "html": b"<html><script>alert(1)</script>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "tiff": picture("TIFF"),
    "bmp": picture("BMP"),
    "half a PNG": picture()[:-600],
    "half a JPEG": picture("JPEG")[:-600],
    "half a WebP": picture("WEBP")[:-60],
    "half a GIF": picture("GIF")[:-600],
    "a header alone": picture()[:33],
    "40 million pixels and more": _bomb(8000, 5001),
    "90 million pixels": _bomb(9500, 9500),
    "4 thousand million pixels": _bomb(65000, 65000),
    "no pixels": _bomb(0, 10),
    "a zip behind a PNG": picture() + _zip(),
    "a zip behind a JPEG": picture("JPEG") + _zip(),
    "HTML behind a GIF": picture("GIF") + b"<HTML><body onload=alert(1)>",
    "a script in a comment": picture("JPEG", comment=b"*/<script>alert(1)</script>"),
    "a PDF in a comment": picture("GIF", comment=b"%PDF-1.7"),
    "PHP in a comment": picture("GIF", comment=b"<?php system($_GET['x']);"),
    "a GIF that is a program": b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)",
}


@pytest.mark.parametrize("raw", NO_PICTURES.values(), ids=NO_PICTURES.keys())
async def test_what_is_no_plain_picture_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidImage):
        await squares(raw)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_damaged_files_are_refused_or_taken_and_never_an_error_of_ours(kind: str) -> None:
    whole, choose = picture(kind, (60, 40)), random.Random(kind)
    taken = 0
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(choose.randint(1, 6)):
            damaged[choose.randrange(len(damaged))] = choose.randrange(256)
        try:
            await squares(bytes(damaged[: choose.randint(8, len(damaged))] if choose.random() < 0.3 else damaged))
            taken += 1
        except InvalidImage:
            pass
    assert taken < 300
