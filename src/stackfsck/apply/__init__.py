"""Look again, write down, change: the only stage that alters a cloud."""
