"""From characters to shingles."""
