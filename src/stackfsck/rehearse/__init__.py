"""A plan played on a copy of the snapshot, before anything real is touched."""
