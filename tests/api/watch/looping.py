"""Coroutines run from tests that are plain functions."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def done(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns. In a thread of its own: a browser of an earlier test leaves its loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()
