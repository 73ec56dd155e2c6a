"""Joins the stages: the only place that knows their order.

What is here is imported from its modules, so that a command loads only what it needs.
"""
