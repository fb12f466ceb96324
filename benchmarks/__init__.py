"""Speed, memory and quality of `dedup` and its rivals on one machine, in one table."""
