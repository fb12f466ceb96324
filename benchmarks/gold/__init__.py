"""Our figures on every gold set, beside the reference results: ``python -m benchmarks.gold``."""
