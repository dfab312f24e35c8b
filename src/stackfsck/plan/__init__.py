"""From findings to a plan: what shall be changed, in which order, and what must not be."""
