"""Ways out of the house: one Protocol, each channel with a null twin."""
