"""What is watched over a ticket from outside the unit: call-backs, escalations."""
