"""What this program calls itself."""

VERSION = "0.1.0"
MIN_CLIENT = 1
"""Oldest phone app the server still understands; raised only together with a wire change."""
