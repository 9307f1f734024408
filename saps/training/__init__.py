"""Fit, resume, callbacks, tracking."""
