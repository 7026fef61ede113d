"""What a person has to look at. Whoever watches the logs watches for the field `alarm`."""

import logging
from typing import Literal

Alarm = Literal["money_in_suspense", "amount_differs", "webhook_stuck", "payment_stuck", "reconciliation_differs"]
_log = logging.getLogger("artel.money")


def raise_alarm(alarm: Alarm, message: str, **fields: object) -> None:
    _log.error(message, extra={"alarm": alarm, **fields})


def of_settling(refused: str | None, **fields: object) -> None:
    """For what money.settle_payment returns: why an account did not get what came."""
    if refused is not None:
        what: Alarm = "amount_differs" if refused == "AmountDiffers" else "money_in_suspense"
        raise_alarm(what, "a payment did not end as it was meant to", reason=refused, **fields)
