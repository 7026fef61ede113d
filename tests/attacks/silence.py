"""What a refusal may say: nothing that depends on why."""

from typing import Any

from tests.attacks.door import Door
from tests.server.ways import Answer

_OURS = {
    "type": "about:blank",
    "title": "Unauthorized",
    "status": 401,
    "detail": "A valid access token is needed.",
    "code": "Unauthorized",
}
_GATEWAYS = {"message": "Unauthorized"}


def without_id(answer: Answer) -> Any:
    return {name: value for name, value in answer.json.items() if name != "request_id"}


def says_nothing(door: Door, answer: Answer) -> None:
    """401, in the same words as to somebody without any token."""
    assert answer.status == 401, answer
    said = without_id(answer)
    if door.name == "deployed" and said == _GATEWAYS:
        return
    assert said == _OURS
    assert answer.headers["www-authenticate"] == "Bearer"
