# Short names for the everyday commands. CONTRIBUTING.md says what each does.

PYTHON ?= .venv/bin/python
NEWS := fixtures/news/monday.jsonl fixtures/news/tuesday.jsonl fixtures/news/wires.jsonl

.PHONY: demo test check docs bench

demo:
	$(PYTHON) -m dedup run $(NEWS) -o kept.jsonl --clusters clusters.jsonl
	$(PYTHON) -m dedup evaluate fixtures/news/truth.jsonl clusters.jsonl

test:
	$(PYTHON) -m pytest

check:
	bash .ci/run

docs:
	$(PYTHON) tools/check_docs.py --write

bench:
	$(PYTHON) -m benchmarks
