"""The last stage: all of it in words, for people and for programs."""
