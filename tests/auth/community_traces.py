"""What somebody leaves behind who takes part in posts: said, done, followed, told."""

from posts import background
from tests.people import Person

POSTS = "/v1/posts"


async def leave_community(person: Person, word: str, other: Person) -> None:
    """Comments under their own and another's post, one of them answered; reactions, bookmarks, follows either way."""
    theirs = await _made(other, POSTS, {"title": "Another's", "body": "text", "tags": ["common"]})
    own = await _made(person, POSTS, {"title": f"{word} talked of", "body": f"{word} body"})
    said = await _made(person, f"{POSTS}/{theirs}/comments", {"body": f"{word} says"})
    await _made(other, f"{POSTS}/{theirs}/comments", {"body": "an answer", "parent_id": said})
    await _made(other, f"{POSTS}/{own}/comments", {"body": "well"})
    await _made(person, f"{POSTS}/{own}/comments", {"body": f"{word} adds"})
    await _put(person, f"{theirs}/reactions/like", f"{theirs}/bookmark", f"follows/authors/{other.id}")
    await _put(person, "follows/tags/common")
    await _put(other, f"follows/authors/{person.id}", f"{own}/reactions/love")
    change = {"mention": False, "digest": "daily"}
    path = f"{POSTS}/notifications/settings"
    assert (await person.client.put(path, json=change, headers=person.auth)).status_code == 200
    await background.run_due()


async def _made(person: Person, path: str, order: dict[str, object]) -> str:
    made = await person.post(path, order)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def _put(person: Person, *paths: str) -> None:
    for path in paths:
        done = await person.client.put(f"{POSTS}/{path}", headers=person.auth)
        assert done.status_code == 204, done.text
