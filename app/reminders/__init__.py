"""Reminders: planned from a ticket's state, fired from the database, kept in an inbox, handed to channels."""
