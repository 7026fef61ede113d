from uuid import uuid4

import pytest

from tests.analytics.books import book
from tests.analytics.conftest import Uploader
from tests.people import People, Person

BOOK = book([["Who", "n"], ["Ann", 1], ["Bo", 2]])


async def test_what_is_anothers_does_not_exist(ada: Person, bob: Person, uploader: Uploader) -> None:
    done = await uploader.upload(ada, BOOK)
    upload, dataset = f"/v1/analytics/uploads/{done['id']}", f"/v1/analytics/datasets/{done['dataset_id']}"
    query = {"measures": [{"op": "count"}]}
    for person, status in ((ada, 200), (bob, 404)):
        assert (await person.get(upload)).status_code == status
        assert (await person.get(dataset)).status_code == status
        assert (await person.post(f"{dataset}/query", query)).status_code == status
    assert (await bob.get("/v1/analytics/datasets")).json() == {"items": [], "next_cursor": None}
    unknown = await bob.get(f"/v1/analytics/uploads/{uuid4()}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "UploadNotFound")


async def test_scopes_are_required(people: People, store: str) -> None:
    reader = await people.person("Rea", scope=frozenset({"analytics:read"}))
    order = {"filename": "a.xlsx", "size": 1}
    assert (await reader.post("/v1/analytics/uploads", order)).status_code == 403
    assert (await reader.get("/v1/analytics/uploads")).status_code == 200
    stranger = await people.client.get("/v1/analytics/uploads")
    assert stranger.status_code == 401


@pytest.mark.parametrize(
    ("order", "status", "code"),
    [
        ({"filename": "book.xlsx", "size": 100 * 1024 * 1024 + 1}, 413, "FileTooLarge"),
        ({"filename": "book.xls", "size": 10}, 415, "UnsupportedFileType"),
        ({"filename": "../book.xlsx", "size": 10}, 422, "MalformedRequest"),
        ({"filename": "book.xlsx", "size": 0}, 422, "MalformedRequest"),
        ({"filename": "book.xlsx", "size": 10, "user_id": "x"}, 422, "MalformedRequest"),
    ],
)
async def test_what_cannot_be_uploaded(
    ada: Person, store: str, order: dict[str, object], status: int, code: str
) -> None:
    response = await ada.post("/v1/analytics/uploads", order)
    assert (response.status_code, response.json()["code"]) == (status, code)


async def test_lists_are_paged_newest_first(ada: Person, uploader: Uploader) -> None:
    for number in range(3):
        await uploader.upload(ada, BOOK, f"{number}.xlsx")
    for path, name in (("uploads", "filename"), ("datasets", "name")):
        first = (await ada.get(f"/v1/analytics/{path}", params={"limit": 2})).json()
        second = (await ada.get(f"/v1/analytics/{path}", params={"limit": 2, "cursor": first["next_cursor"]})).json()
        assert [item[name][0] for item in (*first["items"], *second["items"])] == ["2", "1", "0"]
        assert second["next_cursor"] is None


async def test_a_dataset_says_what_was_assumed(ada: Person, uploader: Uploader) -> None:
    shown = await uploader.dataset(ada, book([["Our sales"], [], ["Who", "Paid"], ["Ann", "5 р."], ["Bo", "6,5 р."]]))
    (table,) = shown["tables"]
    assert any("Our sales" in note for note in table["notes"])
    assert table["columns"][1]["note"] == "numbers written as text with ₽, decimal comma were read as numbers"
    assert table["columns"][1]["profile"]["max"] == 6.5
