"""What is due without anybody's asking: telling, adding up, writing letters, sweeping.

Any number of processes may do this at the same time, and be killed in the middle of it.
"""

from common.jobs import Job, run_each
from posts import digests, image_sweeping, keyed, restoring, telling

# Folding comes before telling: it finds out which posts have new reactions.
_JOBS: tuple[Job, ...] = (
    telling.announce,
    telling.fold_counters,
    telling.fold_tag_counts,
    telling.tell,
    digests.write_letters,
    telling.forget,
    image_sweeping.sweep,
    restoring.remove_for_good,
    keyed.forget,
)


async def run_due() -> None:
    """Raises an ExceptionGroup of what went wrong, at the end; each job has its own transactions."""
    await run_each(_JOBS)
