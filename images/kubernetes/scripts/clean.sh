#!/usr/bin/env bash
# clean.sh: undoes init.sh, with everything that Kubernetes left: containers, mounts, interfaces, rules, files.
# `kubeadm reset` comes before; what it did is not needed here.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"
# shellcheck source-path=SCRIPTDIR source=traces.sh
source "$(dirname "$0")/traces.sh"

require_root
systemctl stop kubelet.service 2>/dev/null || true
stop_containers
journal=$STATE/kubernetes.journal
if [ -e "$journal" ]; then
  remove_links
  remove_rules
fi
undo_journal kubernetes
log "the kubelet is removed"
