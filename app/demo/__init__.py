"""Demonstration data: fictional people and tickets, played through the real commands at instants in the past."""
