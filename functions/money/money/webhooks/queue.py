"""Deliveries that are due, and what became of them: one call of the database each."""

from dataclasses import dataclass
from datetime import timedelta
from random import SystemRandom
from uuid import UUID

from sqlalchemy import text

from common.db import transaction
from money.schemas.events import EventRead
from money.webhooks import secrets

OF_AN_ENDPOINT = 4
OF_AN_OWNER = 8
"""Under way at the same time at most, over all processes: what is slow is in its owner's way, and of one endpoint in its own."""
_LEASE = timedelta(seconds=60)
"""Several times as long as an attempt takes. Whoever is killed in the middle of one has it done by another after this."""
_WAITS_S = (5, 60, 5 * 60, 30 * 60, 2 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 24 * 3600)
"""After the first failure, the second …: ten attempts in three days."""
_JITTER = 0.2
_LONGEST = timedelta(days=1)

_ANNOUNCE = text("SELECT money.announce(:most)")
_FAN_OUT = text("SELECT money.fan_out(:most)")
_TAKE = text("SELECT * FROM money.take_deliveries(:most, :endpoint, :owner, :lease)")
_REPORT = text(
    "SELECT money.report_delivery(:delivery, :attempt, :url, CAST(:status AS integer), :response, :error,"
    " CAST(:wait AS interval))"
)
_MOST = 2000
_random = SystemRandom()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An attempt that this process has to make. `secrets`: the newest first."""

    id: UUID
    attempt: int
    url: str
    event_id: UUID
    body: bytes
    secrets: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answered: `status` None if it did not. `retry_after`: it asked not to be bothered before."""

    status: int | None
    beginning: str = ""
    error: str = ""
    retry_after: timedelta = timedelta()

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - HTTP's


async def announce() -> int:
    """Make known what happened, and lay it ready for endpoints. Returns how many events."""
    done = 0
    for statement in (_ANNOUNCE, _FAN_OUT):
        while True:
            async with transaction("money") as session:
                some = int(await session.scalar(statement, {"most": _MOST}) or 0)
            done += some
            if some < _MOST:
                break
    return done


async def take(most: int) -> list[Outgoing]:
    """Deliveries that are due, and nobody else's for a minute."""
    limits = {"most": most, "endpoint": OF_AN_ENDPOINT, "owner": OF_AN_OWNER, "lease": _LEASE}
    async with transaction("money") as session:
        rows = (await session.execute(_TAKE, limits)).all()
        return [
            Outgoing(
                id=row.id,
                attempt=row.attempt,
                url=row.url,
                event_id=row.event_id,
                body=EventRead(id=row.event_id, type=row.type, timestamp=row.happened_at, data=row.data)
                .model_dump_json()
                .encode(),
                secrets=tuple(
                    [
                        await secrets.derive(session, row.endpoint_id, number)
                        for number in range(row.last_secret, row.first_secret - 1, -1)
                    ]
                ),
            )
            for row in rows
        ]


def wait_after(attempt: int, answer: Answer) -> timedelta | None:
    """Until the next attempt, not the same for all that failed together. None: it was the last one."""
    if attempt > len(_WAITS_S):
        return None
    usual = timedelta(seconds=_WAITS_S[attempt - 1] * _random.uniform(1 - _JITTER, 1 + _JITTER))
    return max(usual, min(answer.retry_after, _LONGEST))


async def report(sent: Outgoing, answer: Answer) -> None:
    async with transaction("money") as session:
        await session.execute(
            _REPORT,
            {
                "delivery": sent.id,
                "attempt": sent.attempt,
                "url": sent.url,
                "status": answer.status,
                "response": answer.beginning,
                "error": answer.error,
                "wait": wait_after(sent.attempt, answer),
            },
        )
