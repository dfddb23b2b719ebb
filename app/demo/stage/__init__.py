"""The demonstration's stage: the services of other people as fakes on this machine, and phones to look at.

Runs in a process of its own (`doorstep fakes`), on loopback, only where `DEMO=1`; a production start has none of it.
"""
