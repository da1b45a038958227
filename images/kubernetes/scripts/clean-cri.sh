#!/usr/bin/env bash
# clean-cri.sh CRI_DATA: undoes init-cri.sh, with everything that containerd and the network plugins left.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"
# shellcheck source-path=SCRIPTDIR source=traces.sh
source "$(dirname "$0")/traces.sh"

data=${1:-/var/lib/containerd}

require_root
stop_containers
unmount_below "$data"
undo_journal cri
log "containerd is removed"
