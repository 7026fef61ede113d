"""What is due without anybody's asking.

Any number of processes may do this at the same time, and be killed in the middle of it.
"""

from common.jobs import Job, run_each
from posts import image_sweeping

_JOBS: tuple[Job, ...] = (image_sweeping.sweep,)


async def run_due() -> None:
    """Raises an ExceptionGroup of what went wrong, at the end; each job has its own transactions."""
    await run_each(_JOBS)
