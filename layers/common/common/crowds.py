"""A queue has an end. Who comes when so many wait already is told at once to try again: their answer would come too late, and
what waits inside PostgreSQL or grows without end in a process takes everybody else down with it."""

from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from common.errors import ServiceUnavailable

MOST_WAITING = 2000
"""For the same thing in one process: a second's work of it, or two."""


def refuse_if_crowded(waiting: int) -> None:
    if waiting >= MOST_WAITING:
        raise ServiceUnavailable


class BoundedPool(AsyncAdaptedQueuePool):
    """As many connections as it has, and no more than MOST_WAITING who wait for one."""

    _asking = 0

    def _do_get(self) -> ConnectionPoolEntry:
        refuse_if_crowded(self._asking)
        self._asking += 1
        try:
            return super()._do_get()
        finally:
            self._asking -= 1
