"""Where the facts of one run live."""
