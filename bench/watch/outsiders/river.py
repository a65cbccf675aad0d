"""Rule a by river: a rolling count of failed logins for each address. Run by river's own Python."""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime, timedelta
from typing import Any

BEGIN = datetime(1970, 1, 1)  # river's clock has no zone
sys.path.pop(0)  # this folder: river.py would stand before the package


def main() -> None:
    from river import stats, utils  # type: ignore[import-not-found]

    held: dict[str, Any] = {}
    count, mark, number = 0, 0, 0
    began = time.process_time()
    with open(sys.argv[1], "rb") as lines:
        for line in lines:
            event = json.loads(line)
            number += 1
            if event["typ"] != "login" or event["ok"]:
                continue
            rolling = held.get(event["ip"])
            if rolling is None:
                rolling = held[event["ip"]] = utils.TimeRolling(stats.Sum(), timedelta(minutes=5))
            at = BEGIN + timedelta(milliseconds=event["ts"])
            rolling.update(1, t=at)
            if rolling.get() >= 10:
                count, mark = count + 1, (mark * 1000003 + event["seq"]) % (1 << 61)
    seconds = time.process_time() - began
    print(json.dumps({"seconds": seconds, "events": number, "hits": {"a": [count, mark]}}))


if __name__ == "__main__":
    main()
