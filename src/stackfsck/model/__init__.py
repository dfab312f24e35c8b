"""The nouns of stackfsck: frozen, without input or output."""
