# The two commands of MediaNest. Both prepare what they need; see CONTRIBUTING.md.
.PHONY: run test

## Build and start everything in one process: http://localhost:8484
run:
	@deploy/run/start

## Every check and test. Single steps: deploy/tests/run fmt lint …
test:
	@deploy/tests/run
