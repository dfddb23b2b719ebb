"""Work that changes hands: nothing is stranded when a person, a role or a unit goes (D6.2, X2.6)."""
