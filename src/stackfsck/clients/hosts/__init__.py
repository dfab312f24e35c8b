"""Compute hosts and the ways to them: here, over ssh, or played by a folder."""
