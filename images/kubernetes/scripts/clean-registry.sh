#!/usr/bin/env bash
# clean-registry.sh REGISTRY_DATA CONFIG_DIR: undoes init-registry.sh. The image's registry folder stays.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

data=${1:-/var/lib/registry}

require_root
undo_journal registry
# The link was made by the client; a folder of somebody else is not touched.
if [ -L "$ROOT$data" ]; then rm -f "$ROOT$data"; fi
log "the registry is removed"
