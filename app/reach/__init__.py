"""How people can be told: a place's channels, the contact points of persons and units, and which way goes first."""
