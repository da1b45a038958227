#!/usr/bin/env bash
# init-registry.sh REGISTRY_DATA CONFIG_DIR: the cluster's registry, under systemd.
# The client has put tls.crt, tls.key and registry_htpasswd below etc/ and linked REGISTRY_DATA to the image's registry.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

data=${1:-/var/lib/registry}
config=${2:-/etc/registry}

require_root
for file in "$ROOTFS/etc/registry/tls.crt" "$ROOTFS/etc/registry/tls.key" "$ROOTFS/etc/registry_htpasswd"; do
  [ -f "$file" ] || fail "$file is missing: the client makes it before this script"
done

use_journal registry
begin_unit registry.service
install_file 0755 "$ROOTFS/cri/registry" "$BIN_DIR/registry"
install_file 0644 "$ROOTFS/etc/registry_config.yml" "$config/registry_config.yml"
install_file 0600 "$ROOTFS/etc/registry_htpasswd" "$config/registry_htpasswd"
install_file 0644 "$ROOTFS/etc/registry/tls.crt" "$config/tls.crt"
install_file 0600 "$ROOTFS/etc/registry/tls.key" "$config/tls.key"
install_file 0644 "$ROOTFS/etc/registry.service" /etc/systemd/system/registry.service
[ -e "$ROOT$data" ] || watch_directory "$data"
end_unit registry.service
run_unit registry.service
log "the registry runs"
