# Throw-away hosts on this machine, in test/lab.
N ?= 3
I ?= 1
# Default: a lab of this working copy. That of `make demo` is called demo.
LAB_NAME ?=
LAB := node test/lab/main.ts $(if $(LAB_NAME),--name $(LAB_NAME))
export CMD

.PHONY: lab-up lab-down lab-ssh lab-status
lab-up: node_modules/.package-lock.json ## Start N=3 throw-away hosts on this machine (up to 7)
	@$(LAB) up --hosts $(N)

lab-down: node_modules/.package-lock.json ## Remove the hosts and everything of them
	@$(LAB) down

lab-ssh: node_modules/.package-lock.json ## Log in to host I=1 as root, or run CMD="..." there
	@$(LAB) ssh $(I) -- $${CMD:+"$$CMD"}

lab-status: node_modules/.package-lock.json ## List the hosts of all labs
	@$(LAB) status
