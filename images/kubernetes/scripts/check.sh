#!/usr/bin/env bash
# check.sh REGISTRY_DATA: says everything that keeps this host from becoming a node; changes nothing.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

registry_data=${1:-/var/lib/registry}
problems=0

problem() {
  printf 'error: %s\n' "$*" >&2
  problems=$((problems + 1))
}

# PORT of every TCP socket that listens, one a line, in decimal.
listening_ports() {
  local file address state _
  for file in "$ROOT/proc/net/tcp" "$ROOT/proc/net/tcp6"; do
    [ -r "$file" ] || continue
    while read -r _ address _ state _; do
      [ "$state" != 0A ] || printf '%d\n' "0x${address##*:}"
    done <"$file"
  done | sort -un
}

check_ports() {
  local used port
  used=$(listening_ports)
  for port in "$@"; do
    if grep -qx "$port" <<<"$used"; then problem "port $port is in use: see ss -ltnp"; fi
  done
}

# check_program PROGRAM PACKAGE
check_program() {
  command -v "$1" >/dev/null || problem "the program $1 is missing: install the package $2"
}

check_host() {
  [ "$(id -u)" = 0 ] || problem "root is needed"
  [ -d "$ROOT/run/systemd/system" ] || problem "systemd does not run here"
  check_program ip iproute2
  check_program mount mount
  check_program nsenter util-linux
  check_program losetup mount
  if ! grep -qw overlay "$ROOT/proc/filesystems" && ! modprobe -n overlay 2>/dev/null; then
    problem "the kernel has no overlay file system"
  fi
  command -v nft >/dev/null || warn "the program nft is missing: packet filter rules will stay behind after a reset"
}

check_leftovers() {
  check_ports 10248 10249 10250 10256 10257 10259
  local program
  for program in docker dockerd crio k3s; do
    if command -v "$program" >/dev/null; then problem "$program is installed: uninstall it"; fi
  done
  if [ -S "$ROOT/var/run/docker.sock" ]; then problem "docker runs here: /var/run/docker.sock"; fi
  if [ -S "$ROOT/run/containerd/containerd.sock" ]; then problem "another containerd runs here: stop and uninstall it"; fi
  if [ -e "$ROOT/etc/kubernetes/kubelet.conf" ]; then
    problem "this host is a node of another cluster: /etc/kubernetes/kubelet.conf exists"
  fi
  if [ -d "$ROOT$registry_data" ] && [ ! -L "$ROOT$registry_data" ] && [ -n "$(ls -A "$ROOT$registry_data")" ]; then
    problem "$registry_data is not empty: move it away"
  fi
}

check_host
# After an earlier run of ours, what runs here is ours.
if ! compgen -G "$STATE/*.journal" >/dev/null; then check_leftovers; fi
[ "$problems" = 0 ] || exit 1
log "the host can become a node"
