"""The router itself: its modes, identity, lines, files, clock and log."""
