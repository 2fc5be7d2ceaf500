"""Ranges of hourly partitions."""

import datetime


def bounds(first: str, count: int) -> tuple[str, str]:
    """The keys of the first and the last of `count` hours."""
    start = datetime.datetime.fromisoformat(f"{first}T00:00")
    last = start + datetime.timedelta(hours=count - 1)
    return f"{start:%Y-%m-%dT%H}", f"{last:%Y-%m-%dT%H}"
