"""Incremental: new articles and what an index remembers, step by step from a batch to a change."""
