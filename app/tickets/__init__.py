"""Tickets: their life cycle, dispatch, assignments and timeline."""
