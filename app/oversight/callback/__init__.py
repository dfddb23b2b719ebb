"""Calling the caller back: was the unit in touch, is it solved, how satisfied, what is left to follow (H2.2e, X3.5)."""
