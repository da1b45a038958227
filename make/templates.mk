# What the Go template engines give for test/templates/cases; needs Go and its module proxy.
.PHONY: template-goldens
template-goldens: ## Write test/templates/golden anew with Go's engines
	cd test/templates/oracle && go run . ../cases/*.yaml
