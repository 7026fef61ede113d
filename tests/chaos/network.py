"""The network between the servers and PostgreSQL: a proxy on TCP that can be cut, at any time or at an exact message."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Literal

type Direction = Literal["to the database", "from the database"]


class Network:
    """From a TCP port of this machine to the Unix socket of a cluster. `down`: who connects is turned away."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._links: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._server: asyncio.Server | None = None
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.down = False
        self._armed: tuple[Direction, int] | None = None

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._link, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        assert self._server
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    def cut(self) -> int:
        """Every connection ends where it is, in the middle of whatever it was doing. Returns how many."""
        count = len(self._links)
        for pair in list(self._links):
            for writer in pair:
                writer.transport.abort()
        return count

    def arm(self, direction: Direction, number: int) -> None:
        """Every connection is cut instead of passing on this message, counted from now: 1 is the next one."""
        self._armed = (direction, number)

    def disarm(self) -> bool:
        """Whether it has come to that."""
        struck, self._armed = self._armed is None, None
        return struck

    def strikes(self, direction: Direction) -> bool:
        if self._armed is None or self._armed[0] != direction:
            return False
        self._armed = (direction, self._armed[1] - 1)
        if self._armed[1] > 0:
            return False
        self._armed = None
        self.cut()
        return True

    def stall(self) -> None:
        """Nothing passes any more, and nobody is told."""
        self.flowing.clear()

    def flow(self) -> None:
        self.flowing.set()

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.down:
            writer.transport.abort()
            return
        try:
            up_reader, up_writer = await asyncio.open_unix_connection(self._socket)
        except OSError:
            writer.transport.abort()
            return
        pair = (writer, up_writer)
        self._links.add(pair)
        tasks = [
            asyncio.create_task(_pass_on(self, "to the database", reader, up_writer)),
            asyncio.create_task(_pass_on(self, "from the database", up_reader, writer)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._links.discard(pair)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for each in pair:
                with suppress(OSError):
                    each.transport.abort()


async def _pass_on(
    network: Network, direction: Direction, source: asyncio.StreamReader, target: asyncio.StreamWriter
) -> None:
    while data := await source.read(1 << 16):
        await network.flowing.wait()
        if network.strikes(direction):
            return
        target.write(data)
        await target.drain()
