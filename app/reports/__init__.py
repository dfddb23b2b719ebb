"""Figures on how requests were handled: rates per unit and month, each with the tickets behind it (H1, K0)."""
