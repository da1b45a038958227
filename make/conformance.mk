# The tests of the OCI distribution specification against our registry; also a part of `make test`. Needs Go.
.PHONY: conformance
conformance: node_modules/.package-lock.json ## Run the distribution specification's tests against the registry
	vitest run --project integration test/integration/registry/conformance.test.ts
