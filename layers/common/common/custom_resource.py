"""CloudFormation's custom resources: whatever happens, the stack must be answered, or it waits for an hour."""

import json
import sys
import urllib.request
from collections.abc import Callable
from functools import wraps
from typing import Any

type Event = dict[str, Any]
type Handler = Callable[[Event, object], dict[str, Any]]

_REASON_CHARACTERS = 1000  # the whole answer may have 4096 bytes


def custom_resource(act: Handler) -> Handler:
    """Send what the handler returns ({"PhysicalResourceId", "Data"}) to the stack, or FAILED and why when it raises.

    The exception goes on to the runtime, so that it is logged and counted like any other. Configure such a function
    without retries: CloudFormation invokes asynchronously, and has its answer already.
    """

    @wraps(act)
    def handler(event: Event, context: object) -> dict[str, Any]:
        outcome: dict[str, Any] = {"Status": "FAILED"}
        try:
            outcome = {"Status": "SUCCESS", **act(event, context)}
        finally:
            error = sys.exception()
            if error is not None:
                outcome["Reason"] = f"{type(error).__name__}: {error}"[:_REASON_CHARACTERS]
            _send(event, outcome)
        return outcome

    return handler


def _send(event: Event, outcome: dict[str, Any]) -> None:
    answer = {
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        # Another id than before would make the stack delete the old resource.
        "PhysicalResourceId": event.get("PhysicalResourceId", event["LogicalResourceId"]),
        **outcome,
    }
    # The presigned URL was signed for an empty content type; urllib would send one of its own.
    request = urllib.request.Request(  # noqa: S310 - CloudFormation's own URL
        event["ResponseURL"], json.dumps(answer).encode(), {"Content-Type": ""}, method="PUT"
    )
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310
        pass
