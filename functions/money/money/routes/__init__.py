"""The parts of the API, the most wanted first: a cold start imports them in this order until one has the answer."""

PARTS = tuple(
    f"money.routes.{part}"
    for part in (
        "accounts",
        "transfers",
        "deposits",
        "holds",
        "events",
        "webhook_endpoints",
        "administration",
        "oversight",
    )
)
