"""The parts of the API, the most wanted first: a cold start imports them in this order until one has the answer."""

PARTS = tuple(
    f"money.routes.{part}"
    for part in (
        "accounts",
        "transfers",
        "transfer_list",
        "statements",
        "payments",
        "holds",
        "exchanges",
        "events",
        "webhooks",
        "payment_requests",
        "recurring_transfers",
        "webhook_endpoints",
        "administration",
        "oversight",
        "reconciliation",
        "rates",
    )
)
