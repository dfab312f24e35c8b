"""What a cloud holds: every table in which a record may refer to a VM."""
