# What the Go engines give for the templates and charts of test/templates; needs Go and its module proxy.
GENERATED := test/templates/generated/groups.json

.PHONY: template-goldens
template-goldens: node_modules/.package-lock.json ## Write the expectations of test/templates anew with Go's engines
	node --input-type=module -e 'import { generateGroups } from "./test/templates/generated/generate.ts"; console.log(JSON.stringify(generateGroups()));' > $(GENERATED)
	cd test/templates/oracle && go run . ../cases/*.yaml ../generated/groups.json && go run ./helm ../helm/cases.yaml
	rm $(GENERATED)
