"""What is due without anybody's asking: letters, exports, erasures, and putting away what has had its time.

Any number of processes may do this at the same time, and be killed in the middle of it.
"""

from auth import erasure, export_making, outbox, sweeping
from common.jobs import Job, run_each


async def _rotate_keys() -> None:
    from auth import key_rotation  # and with it cryptography

    await key_rotation.advance()


# What somebody waits for comes first, what may take minutes last.
_JOBS: tuple[Job, ...] = (
    outbox.deliver,
    _rotate_keys,
    sweeping.sweep,
    sweeping.expire_exports,
    erasure.erase_all,
    export_making.make_all,
)


async def run_due() -> None:
    """Raises an ExceptionGroup of what went wrong, at the end; each job has its own transactions."""
    await run_each(_JOBS)
