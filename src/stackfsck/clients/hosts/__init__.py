"""Compute hosts, reached in whatever way the operator has: here, over ssh, or played by a folder."""
