"""What is due without anybody's asking: folding, sealing, telling, sweeping, checking, sending.

Any number of processes may do this at the same time, and be killed in the middle of it.
"""

import asyncio

from common.jobs import Job, failures
from money import advancing, checking, correspondence, delivering, inbox, reconciling, standing_orders, upkeep
from money.webhooks import queue
from money.webhooks.delivering import deliver

# What somebody waits for comes first, what may take long last.
_JOBS: tuple[Job, ...] = (
    inbox.process_due,
    advancing.complete_due,
    upkeep.publish,
    queue.announce,
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
    upkeep.forget_events,
    checking.check_books,
    checking.check_seals,
)
_AGAIN_S = 2.0


async def run_due() -> None:
    """One job after the other; each has its own transactions, and is done though another has failed.

    Webhooks are sent after the first round, and the jobs are done again and again until that has ended: a receiver that takes
    its time keeps nobody else waiting. Raises an ExceptionGroup of what went wrong, at the end.
    """
    problems = await failures(_JOBS)
    sending = asyncio.create_task(failures((deliver,)))
    try:
        while not (await asyncio.wait({sending}, timeout=_AGAIN_S))[0]:
            problems += await failures(_JOBS)
    finally:
        sending.cancel()
    problems += await sending
    if problems:
        raise ExceptionGroup("background work failed", problems)
