"""What is due without anybody's asking: folding, sealing, telling, sweeping, checking.

Any number of processes may do this at the same time, and be killed in the middle of it.
"""

from common.jobs import Job, run_each
from money import advancing, checking, correspondence, delivering, inbox, reconciling, standing_orders, upkeep

# What somebody waits for comes first, what may take long last.
_JOBS: tuple[Job, ...] = (
    inbox.process_due,
    advancing.complete_due,
    upkeep.publish,
    upkeep.fold,
    upkeep.sweep_holds,
    upkeep.sweep_quotes,
    inbox.empty_old,
    reconciling.run_due,
    delivering.deliver,
    standing_orders.run,
    correspondence.write_letters,
    delivering.give_back,
    delivering.look_through,
    standing_orders.expire_requests,
    correspondence.sweep_rates,
    checking.check_books,
    checking.check_seals,
)


async def run_due() -> None:
    """Raises an ExceptionGroup of what went wrong, at the end; each job has its own transactions."""
    await run_each(_JOBS)
