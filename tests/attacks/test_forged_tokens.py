"""Tokens that nobody was given: 401 in every group, in the words that somebody without a token hears."""

import pytest

from tests.attacks.door import CLOSED, Door, bearer
from tests.attacks.forgeries import FORGERIES, UNFIT_FOR_EMULATOR
from tests.attacks.forging import Forger, written
from tests.attacks.members import SignedIn
from tests.attacks.silence import says_nothing


@pytest.fixture
def forger(door: Door, victim: SignedIn) -> Forger:
    return Forger(door, victim.access)


async def test_with_everything_right_the_forger_gets_in(door: Door, forger: Forger) -> None:
    """Else nothing here would show anything."""
    token = forger.signed(written(forger.header()), written(forger.claims()))
    assert [answer.status for answer in await door.knock(bearer(token))] == [200, 200, 201, 200]


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_token_is_refused_without_a_hint(door: Door, forger: Forger, name: str) -> None:
    for answer in await door.knock(bearer(FORGERIES[name](forger))):
        says_nothing(door, answer)


@pytest.mark.parametrize("name", UNFIT_FOR_EMULATOR)
async def test_a_token_that_is_nonsense_is_refused_without_a_hint(door: Door, forger: Forger, name: str) -> None:
    headers = bearer(UNFIT_FOR_EMULATOR[name](forger))
    for method, path in CLOSED:
        says_nothing(door, await door.send_past_gateway(method, path, headers))
