"""Tell a live face from a presented picture, screen or mask."""

__version__ = "0.1.0"
