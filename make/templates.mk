# What the Go engines give for the templates and charts of test/templates; needs Go and its module proxy.
GENERATED := test/templates/generated/groups.json

.PHONY: template-goldens
template-goldens: node_modules/.package-lock.json ## Write the expectations of test/templates anew with Go's engines
	node --input-type=module -e 'import { generateGroups } from "./test/templates/generated/generate.ts"; console.log(JSON.stringify(generateGroups()));' > $(GENERATED)
	cd test/templates/oracle && go run . ../cases/*.yaml ../generated/groups.json && go run ./helm ../helm/cases.yaml
	rm $(GENERATED)

# Charts of other projects, rendered by helm and by us. A part of it runs with `make test`. Needs Go and its module proxy.
CHART_SWEEP_SEEDS ?= 10

.PHONY: chart-sweep
chart-sweep: node_modules/.package-lock.json ## Compare renderings of many charts with helm's, with CHART_SWEEP_SEEDS=10 values each
	CHART_SWEEP_SEEDS=$(CHART_SWEEP_SEEDS) vitest run --project integration test/integration/templates/chart-sweep.test.ts
