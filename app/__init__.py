"""Doorstep · 上门办."""
