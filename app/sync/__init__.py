"""The one door: commands in, differences out."""
