"""Policies over time."""
