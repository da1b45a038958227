# What the Go engines give for the templates and charts of test/templates; needs Go and its module proxy.
.PHONY: template-goldens
template-goldens: ## Write the expectations of test/templates anew with Go's engines
	node test/templates/generated/write-groups.ts > test/templates/generated/groups.json
	cd test/templates/oracle && go run . ../cases/*.yaml ../generated/groups.json && go run ./helm ../helm/cases.yaml
	rm test/templates/generated/groups.json
