#!/usr/bin/env bash
# init.sh: the kubelet with its surroundings. kubeadm starts it.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"
# shellcheck source-path=SCRIPTDIR source=traces.sh
source "$(dirname "$0")/traces.sh"

require_root

use_journal kubernetes
remember_traces
[ -d "$ROOT/proc/sys/net/bridge" ] || load_module br_netfilter
install_file 0644 "$ROOTFS/etc/modules-load.conf" /etc/modules-load.d/90-sealos-kubernetes.conf
while read -r key _ value; do
  case $key in '' | '#'*) continue ;; esac
  raise_sysctl "$key" "$value"
done <"$ROOTFS/etc/sysctl.conf"
# For the next boot.
sysctl_lines "$ROOTFS/etc/sysctl.conf" | install_text 0644 /etc/sysctl.d/90-sealos-kubernetes.conf

begin_unit kubelet.service
changed=false
for program in "$ROOTFS"/bin/*; do
  install_file 0755 "$program" "$BIN_DIR/${program##*/}"
done
install_file 0644 "$ROOTFS/etc/kubelet.service" /etc/systemd/system/kubelet.service
install_file 0644 "$ROOTFS/etc/kubelet-kubeadm.conf" /etc/systemd/system/kubelet.service.d/10-kubeadm.conf
end_unit kubelet.service
# On a node that is a member already, a new kubelet takes over; otherwise kubeadm starts it.
if [ "$changed" = true ] && [ "$(unit_state is-active kubelet.service)" = active ]; then
  systemctl restart kubelet.service
fi
log "the kubelet is installed"
