# Each target is one command of tools/run.py, which sets up all that it needs.
# Without make: `python3 tools/run.py book`, and on Windows `py tools\run.py book`.
PYTHON ?= python3
COMMANDS = book test audit lab refresh pdf links lint clean

.PHONY: $(COMMANDS)
$(COMMANDS):
	@$(PYTHON) tools/run.py $@
