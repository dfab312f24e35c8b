"""From the outside to tables: every source read, and how completely."""
