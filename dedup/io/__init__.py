"""Bytes in, articles out; results in, bytes out."""
