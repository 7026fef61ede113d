"""A process that stands for Lambda: one event a line comes in, the handler's answer goes out."""

import json
import sys
from importlib import import_module
from types import SimpleNamespace


def main() -> None:
    replies, sys.stdout = sys.stdout, sys.stderr
    context = SimpleNamespace(aws_request_id="test", get_remaining_time_in_millis=lambda: 30_000)
    for line in sys.stdin:
        order = json.loads(line)
        handler = import_module(f"{order['group']}.handler").handler
        print(json.dumps(handler(order["event"], context)), file=replies, flush=True)


if __name__ == "__main__":
    main()
