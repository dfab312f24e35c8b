"""A cloud in a folder, to try everything on."""
