"""Tickets that somebody above must look at: raised by the system or by hand, followed, and concluded."""
