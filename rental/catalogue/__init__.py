"""Categories, kinds, needs, classification codes, guides; loaded from a data file, kept as data."""
