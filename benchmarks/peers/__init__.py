"""Drivers of the rivals: articles (JSON lines) on disk to clusters (JSON lines) on disk, one process each."""
