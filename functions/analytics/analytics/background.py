"""What is due without anybody's asking. Any number of processes may do this at the same time, and be killed in the middle of it."""

from analytics import file_sweeping, money_rollups, report_letters
from common.jobs import Job, run_each

_JOBS: tuple[Job, ...] = (
    money_rollups.roll_up,
    report_letters.write_due,
    file_sweeping.tell_forsaken,
    file_sweeping.leave_failed,
    file_sweeping.sweep,
)


async def run_due() -> None:
    """One job after the other; each has its own transactions, and is done though another has failed."""
    await run_each(_JOBS)
