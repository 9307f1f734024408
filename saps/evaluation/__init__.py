"""Metrics, programs run on their tests in parallel, reports."""
