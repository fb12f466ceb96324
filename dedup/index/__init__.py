"""Which texts are worth a comparison."""
