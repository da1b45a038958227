.PHONY: docs
docs: node_modules/.package-lock.json ## Write the reference of all commands to docs/reference
	rm -rf docs/reference
	node src/main.ts docs --path docs/reference
