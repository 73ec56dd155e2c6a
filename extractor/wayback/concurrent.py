"""Calls in several threads, as many at a time as the archive's request rate can use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def run_concurrently(
    call: Callable[[_Item], _Result], items: Iterator[_Item], maximum: int, wanted: Callable[[], int]
) -> Iterator[tuple[_Item, Future[_Result]]]:
    """Each item with the result of the call, as they come.

    At most `maximum` calls are made at a time, and no new one while as many are as `wanted` returns.
    """
    in_flight: dict[Future[_Result], _Item] = {}
    with ThreadPoolExecutor(maximum) as threads:
        while True:
            number = min(maximum, wanted())
            while len(in_flight) < number and (item := next(items, None)) is not None:
                in_flight[threads.submit(call, item)] = item
            if not in_flight:
                return
            for future in wait(in_flight, return_when=FIRST_COMPLETED).done:
                yield in_flight.pop(future), future
