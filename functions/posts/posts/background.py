"""What is due without anybody's asking: telling, adding up, writing letters.

Any number of processes may do this at the same time, and be killed in the middle of it.
"""

from common.jobs import Job, run_each
from posts import digests, telling

# Folding comes before telling: it finds out which posts have new reactions.
_JOBS: tuple[Job, ...] = (
    telling.announce,
    telling.fold_counters,
    telling.tell,
    digests.write_letters,
    telling.forget,
)


async def run_due() -> None:
    """One job after the other; each has its own transactions, and is done though another has failed."""
    await run_each(_JOBS)
