"""Where webhooks may not go, whatever people write and whatever name servers say."""

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from common.settings import settings
from money.background import run_due
from money.webhooks import addresses, sending
from tests.money.notices import Sql, deliveries, endpoint, tell
from tests.money.receiver import Receiver, listening
from tests.people import Person

NOT_THERE = "Webhooks may not go there: the address is not public, or not https."

type Names = dict[str, list[list[str]]]
"""What a name server says of each name: at first, then, and at last for ever."""


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ENVIRONMENT", "prod")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """A name server of the test's own. What it is not asked about is looked up as always."""
    said: Names = {}
    really = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in said:
            return really(host, *args, **options)
        answers = said[name]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [place for address in found for place in really(address, *args, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return said


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",  # noqa: S104 - nothing is bound to it
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.9",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:0.0.0.0",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:7f00:1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ],
)
def test_an_address_that_is_not_everybodys_is_not_public(address: str) -> None:
    assert not addresses.is_public(address)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "93.184.216.34", "172.32.0.1", "192.167.255.255", "2606:4700::1", "::ffff:1.1.1.1", "64:ff9b::101:101"],
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert addresses.is_public(address)


async def _outcome(person: Person, sql: Sql, made: dict[str, Any]) -> tuple[str, str]:
    tell(sql, person)
    await run_due()
    (delivery,) = await deliveries(person, made)
    return delivery["status"], delivery["error"]


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"],
        ["::1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["fd00:ec2::254"],
        ["::ffff:127.0.0.1"],
        ["224.0.0.1"],
        ["93.184.216.34", "127.0.0.1"],
        ["2606:2800:220:1::1", "192.168.0.1"],
    ],
)
@pytest.mark.usefixtures("production")
async def test_a_name_that_leads_inside_is_not_followed(
    ada: Person, receiver: Receiver, names: Names, sql: Sql, found: list[str]
) -> None:
    names["inside.example"] = [found]
    made = await endpoint(ada, f"https://inside.example:{receiver.port}/")
    assert await _outcome(ada, sql, made) == ("pending", NOT_THERE)
    assert receiver.received == []


@pytest.mark.usefixtures("production")
async def test_the_name_of_this_machine_is_not_followed(ada: Person, receiver: Receiver, sql: Sql) -> None:
    made = await endpoint(ada, f"https://localhost:{receiver.port}/")
    assert await _outcome(ada, sql, made) == ("pending", NOT_THERE)


async def test_only_the_developers_own_machine_is_within_reach_locally(
    ada: Person, receiver: Receiver, names: Names, sql: Sql
) -> None:
    names["neighbour.example"] = [["10.1.2.3"]]
    made = await endpoint(ada, f"http://neighbour.example:{receiver.port}/")
    assert await _outcome(ada, sql, made) == ("pending", NOT_THERE)


async def test_an_endpoint_of_before_is_held_to_todays_rules(
    ada: Person, receiver: Receiver, sql: Sql, request: pytest.FixtureRequest
) -> None:
    made = await endpoint(ada, receiver.url)
    request.getfixturevalue("production")
    assert await _outcome(ada, sql, made) == ("pending", NOT_THERE)
    assert receiver.received == []


async def test_the_address_that_was_looked_at_is_the_one_that_is_connected_to(
    ada: Person, receiver: Receiver, names: Names, sql: Sql
) -> None:
    """A name server that says one thing to who looks and another to who connects gets nothing by it."""
    names["rebinding.example"] = [["127.0.0.1"], ["10.1.2.3"]]
    made = await endpoint(ada, f"http://rebinding.example:{receiver.port}/hook")
    assert await _outcome(ada, sql, made) == ("delivered", "")
    (got,) = receiver.received
    assert got.headers["host"] == f"rebinding.example:{receiver.port}"
    assert names["rebinding.example"] == [["10.1.2.3"]]  # asked once


async def test_each_delivery_looks_the_name_up_anew(ada: Person, receiver: Receiver, names: Names, sql: Sql) -> None:
    names["changing.example"] = [["127.0.0.1"], ["10.1.2.3"]]
    made = await endpoint(ada, f"http://changing.example:{receiver.port}/")
    tell(sql, ada)
    await run_due()
    tell(sql, ada)
    await run_due()
    assert [each["error"] for each in await deliveries(ada, made)] == [NOT_THERE, ""]


async def test_when_one_address_is_dead_the_next_is_tried(
    ada: Person, receiver: Receiver, names: Names, sql: Sql
) -> None:
    names["two.example"] = [["127.9.9.9", "127.0.0.1"]]
    made = await endpoint(ada, f"http://two.example:{receiver.port}/")
    assert await _outcome(ada, sql, made) == ("delivered", "")


@pytest.mark.parametrize("name", ["nowhere.invalid", "a" * 64 + ".example"])
async def test_a_name_that_leads_nowhere_is_a_failure_like_any_other(ada: Person, sql: Sql, name: str) -> None:
    made = await endpoint(ada, f"http://{name}/")
    status, error = await _outcome(ada, sql, made)
    assert (status, error.partition(",")[0]) == ("pending", "No connection")


async def test_a_name_that_takes_for_ever_to_look_up_is_not_waited_for(
    ada: Person, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(*_: Any, **__: Any) -> Any:
        import time

        time.sleep(1)
        raise socket.gaierror

    made = await endpoint(ada, "http://slow.example/")
    monkeypatch.setattr(sending, "TIMEOUT_S", 0.1)
    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    assert (await _outcome(ada, sql, made))[1].startswith("No answer within")


# Certificates ----------------------------------------------------------------------------------------------------------------

type Certified = Callable[[str], ssl.SSLContext]


@pytest.fixture
def certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Certified]:
    """Makes certificates for a name, which senders of this test believe."""

    def make(name: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        file = tmp_path / "certificate.pem"
        plain = serialization.NoEncryption()
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        file.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        sending._trust.cache_clear()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    yield make
    sending._trust.cache_clear()


async def test_over_tls_the_certificate_must_be_the_names_though_the_connection_is_to_an_address(
    ada: Person, names: Names, sql: Sql, certified: Certified
) -> None:
    names["shop.example"] = names["other.example"] = [["127.0.0.1"]]
    with listening(certified("shop.example")) as receiver:
        right = await endpoint(ada, f"https://shop.example:{receiver.port}/right")
        wrong = await endpoint(ada, f"https://other.example:{receiver.port}/wrong")
        tell(sql, ada)
        await run_due()
    assert [each.path for each in receiver.received] == ["/right"]
    assert receiver.received[0].verified(right["secret"])
    (refused,) = await deliveries(ada, wrong)
    assert refused["error"] == "No connection, or none with a valid certificate."


async def test_a_certificate_that_nobody_vouches_for_is_refused(
    ada: Person, names: Names, sql: Sql, certified: Certified, monkeypatch: pytest.MonkeyPatch
) -> None:
    names["shop.example"] = [["127.0.0.1"]]
    with listening(certified("shop.example")) as receiver:
        monkeypatch.delenv("SSL_CERT_FILE")
        made = await endpoint(ada, f"https://shop.example:{receiver.port}/")
        assert (await _outcome(ada, sql, made))[1].startswith("No connection")
    assert receiver.received == []
