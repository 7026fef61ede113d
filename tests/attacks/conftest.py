"""Every attack is tried at every door."""

import time
from collections.abc import AsyncIterator, Iterator

import pytest
from httpx import AsyncClient

from tests.attacks.door import Door
from tests.attacks.doors import connect, deployed_door, own_key
from tests.attacks.mailbox import Mailbox, open_mailbox
from tests.attacks.members import Member, SignedIn, member
from tests.auth.keys import pem_signer
from tests.e2e.deployed import Deployed
from tests.server.ways import ByServer, lambda_process

_FRESH_S = 300
_victims: dict[str, tuple[float, SignedIn]] = {}
_ORIGIN = "http://localhost:8000"


@pytest.fixture(scope="session")
async def door_of_server(client: AsyncClient, database: str) -> AsyncIterator[Door]:
    way, key = ByServer(client), own_key(await pem_signer())
    with connect(database) as owner:
        yield Door("server", way, way, owner, key, f"{_ORIGIN}/v1/auth", _ORIGIN)


@pytest.fixture(scope="session")
async def door_of_lambda(client: AsyncClient, database: str) -> AsyncIterator[Door]:
    """Another process at the same database, and so with the same keys."""
    key = own_key(await pem_signer())
    with connect(database) as owner, lambda_process() as way:
        yield Door("lambda", way, way, owner, key, f"{_ORIGIN}/v1/auth", _ORIGIN)


@pytest.fixture(scope="session")
def door_of_deployed(deployed: Deployed) -> Iterator[Door]:
    with deployed_door(deployed) as made:
        yield made


@pytest.fixture(params=["server", "lambda", pytest.param("deployed", marks=pytest.mark.xdist_group("deployed"))])
def door(request: pytest.FixtureRequest) -> Door:
    found = request.getfixturevalue(f"door_of_{request.param}")
    assert isinstance(found, Door)
    return found


@pytest.fixture
def mailbox(door: Door) -> Iterator[Mailbox]:
    with open_mailbox(door.owner) as made:
        yield made


@pytest.fixture
def ada(door: Door) -> Member:
    return member(door, "Ada")


@pytest.fixture
def bob(door: Door) -> Member:
    return member(door, "Bob")


@pytest.fixture
async def victim(door: Door) -> SignedIn:
    """Signed in, once for many tests: nothing happens to her."""
    since, found = _victims.get(door.name, (0.0, None))
    if found is None or time.monotonic() - since > _FRESH_S:
        found = await member(door, "Victim").sign_in()
        _victims[door.name] = (time.monotonic(), found)
    return found
