"""Spot checks: which answers are looked at is drawn by lot, who looks is independent, and what is found counts (A5)."""
