"""How each finding is put right: one file per remedy, and what they share."""
