"""The World that the tests of this folder share."""

from lasting import shared

__all__ = ["shared"]
