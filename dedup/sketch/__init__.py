"""From shingles to signatures, bands and keys."""
