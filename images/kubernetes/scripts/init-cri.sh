#!/usr/bin/env bash
# init-cri.sh REGISTRY_DOMAIN REGISTRY_PORT: containerd with runc, the CNI plugins and the way to the cluster's registry.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

domain=${1:-${registryDomain:-sealos.hub}}
port=${2:-${registryPort:-5000}}
certs=/etc/containerd/certs.d/_default

# While the first control plane starts, the others have time for the image that they need first. A pull that fails here
# is made again when the image is needed.
prefetch() {
  local image
  [[ ",${SEALOS_SYS_RUN_MODE:-}," != *,master,* ]] || return 0
  image=$(grep /kube-proxy: "$ROOTFS/images/shim/DefaultImageList") || return 0
  systemd-run --quiet --collect --no-block --unit=sealos-prefetch \
    "$ROOTFS/bin/crictl" --config "$ROOTFS/etc/crictl.yaml" pull "$image" 2>/dev/null || true
}

require_root
[ -f "$ROOTFS/etc/registry/ca.crt" ] || fail "$ROOTFS/etc/registry/ca.crt is missing: the client makes it before this script"

use_journal cri
grep -qw overlay "$ROOT/proc/filesystems" || load_module overlay
watch_directory "${criData:-/var/lib/containerd}"
watch_directory /run/containerd
watch_directory /run/nri
watch_directory /opt/cni/bin
watch_directory /etc/cni/net.d
watch_directory /var/lib/cni
begin_unit containerd.service
# The programs first: a change of the configuration alone restarts containerd, pods stay.
for program in containerd containerd-shim-runc-v2 ctr runc; do
  install_file 0755 "$ROOTFS/cri/$program" "$BIN_DIR/$program"
done
install_file 0644 "$ROOTFS/etc/config.toml" /etc/containerd/config.toml
install_file 0600 "$ROOTFS/etc/hosts.toml" "$certs/hosts.toml"
install_file 0644 "$ROOTFS/etc/registry/ca.crt" "$certs/ca.crt"
install_file 0644 "$ROOTFS/etc/containerd.service" /etc/systemd/system/containerd.service
end_unit containerd.service
run_unit containerd.service
# containerd takes these as they are: no restart.
install_file 0644 "$ROOTFS/etc/crictl.yaml" /etc/crictl.yaml
for plugin in "$ROOTFS"/cni/*; do
  install_file 0755 "$plugin" "/opt/cni/bin/${plugin##*/}"
done
prefetch
log "containerd runs and pulls from $domain:$port"
