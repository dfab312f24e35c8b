"""The single files that run on a compute host: standard library only, Python 3.6 and newer."""
