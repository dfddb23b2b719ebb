"""Jurisdictions, units, persons, their roles and duty; who may do what."""
