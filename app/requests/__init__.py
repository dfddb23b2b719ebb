"""What a unit asks for on a ticket: one mechanism, the kinds are the profile's data."""
