"""AWS Lambda's way in for what no request waits for: each minute by a schedule."""

from typing import Any

from common.background_entry import background


async def _act(_: dict[str, Any]) -> None:
    from analytics.background import run_due

    await run_due()


handler = background(_act)
