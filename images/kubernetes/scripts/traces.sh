# shellcheck shell=bash
# What Kubernetes, its network plugins and its containers leave on a host, and how it goes away.
# Needs common.sh.

# Interfaces of flannel, of the bridge plugin and of kube-proxy.
LINKS=(cni0 flannel.1 flannel-v6.1 kube-ipvs0)

# Tables that only Kubernetes and its network plugins use.
TABLES=(
  "ip kube-proxy" "ip6 kube-proxy" "ip flannel-ipv4" "ip6 flannel-ipv6"
  "ip cni_hostport" "ip6 cni_hostport" "inet cni_plugins_masquerade"
)

# Tables that the iptables program makes when it is called for the first time.
IPTABLES_TABLES=(filter nat mangle raw security)

# Chains of the kubelet, kube-proxy, the plugins and flannel.
CHAIN_PATTERN='(KUBE-|CNI-|FLANNEL-)'

# What is there before Kubernetes: the undoing leaves exactly that. Later runs add nothing: they would see our own.
remember_traces() {
  local directory
  ! is_recorded traces all || return 0
  for directory in /etc/kubernetes /var/lib/kubelet /var/lib/etcd /var/log/pods /var/log/containers \
    /var/log/kubernetes /usr/libexec/kubernetes /run/flannel; do
    watch_directory "$directory"
  done
  remember_file /run/xtables.lock
  # kube-proxy's pod has it mounted, so it comes into being even where there are no modules.
  [ -e "$ROOT/lib/modules" ] || record directory /lib/modules
  # The kubelet and kube-proxy set these.
  remember_sysctl kernel.panic kernel.panic_on_oops vm.overcommit_memory vm.panic_on_oom \
    kernel.keys.root_maxkeys kernel.keys.root_maxbytes net.ipv4.conf.all.route_localnet \
    net.netfilter.nf_conntrack_max net.netfilter.nf_conntrack_tcp_timeout_established \
    net.netfilter.nf_conntrack_tcp_timeout_close_wait
  remember_links "${LINKS[@]}"
  remember_tables
  record traces all
}

# Ends every container and the processes beside it, whether or not containerd still answers.
stop_containers() {
  systemctl stop sealos-prefetch.service 2>/dev/null || true
  systemctl stop kubepods.slice 2>/dev/null || true
  systemctl stop containerd.service 2>/dev/null || true
  kill_shims
  unmount_below /var/lib/kubelet
  unmount_below /run/containerd
  remove_namespaces
  remove_groups
}

# A shim outlives containerd, as it should while there are containers.
kill_shims() {
  local process program
  for process in "$ROOT"/proc/[0-9]*; do
    program=$(readlink "$process/exe" 2>/dev/null) || continue
    case $program in
      "$BIN_DIR/containerd-shim-runc-v2" | "$BIN_DIR/containerd-shim-runc-v2 (deleted)")
        kill -KILL "${process##*/}" 2>/dev/null || true
        ;;
    esac
  done
}

remove_namespaces() {
  local namespace
  for namespace in "$ROOT"/run/netns/cni-*; do
    [ -e "$namespace" ] || continue
    umount "$namespace" 2>/dev/null || true
    rm -f "$namespace"
  done
  if [ -d "$ROOT/run/netns" ] && [ -z "$(ls -A "$ROOT/run/netns")" ]; then
    umount "$ROOT/run/netns" 2>/dev/null || true
    rmdir "$ROOT/run/netns" 2>/dev/null || true
  fi
}

# systemd leaves groups in hierarchies that it does not manage itself.
remove_groups() {
  find "$ROOT/sys/fs/cgroup" -depth -type d -path '*/kubepods*' -exec rmdir {} + 2>/dev/null || true
}

remove_links() {
  local name
  for name in "${LINKS[@]}"; do
    if [ ! -e "$ROOT/sys/class/net/$name" ] || is_recorded link "$name"; then continue; fi
    ip link delete "$name" 2>/dev/null || warn "cannot remove the interface $name"
  done
}

remove_rules() {
  local program table
  for program in iptables ip6tables; do
    if command -v "$program" >/dev/null; then remove_chains "$program"; fi
  done
  command -v nft >/dev/null || return 0
  for table in "${TABLES[@]}"; do
    # shellcheck disable=SC2086 # family and name
    if ! is_recorded table "$table"; then nft delete table $table 2>/dev/null || true; fi
  done
  for table in "${IPTABLES_TABLES[@]}"; do
    remove_empty_table "ip $table"
    remove_empty_table "ip6 $table"
  done
  remove_empty_chains
}

# remove_chains PROGRAM: rules that lead to chains of Kubernetes, then these chains. All other rules stay.
remove_chains() {
  local program=$1 table rules line chain action
  for table in "${IPTABLES_TABLES[@]}"; do
    rules=$("$program" -w 5 -t "$table" -S 2>/dev/null) || continue
    while read -r line; do
      # The words are quoted as for a shell: xargs takes the quotes away and expands nothing.
      xargs "$program" -w 5 -t "$table" -D <<<"${line#-A }" 2>/dev/null || true
    done < <(grep -E "^-A (.* -[jg] $CHAIN_PATTERN|.*flanneld)" <<<"$rules" || true)
    # A chain goes only when nothing leads to it any more.
    for action in -F -X; do
      while read -r chain; do
        "$program" -w 5 -t "$table" "$action" "$chain" 2>/dev/null || true
      done < <(sed -nE "s/^-N (${CHAIN_PATTERN}[^ ]*).*/\1/p" <<<"$rules")
    done
  done
}

# remove_empty_table TABLE: one that was not there before and has no rule left.
remove_empty_table() {
  local content
  ! is_recorded table "$1" || return 0
  # shellcheck disable=SC2086 # family and name
  content=$(nft list table $1 2>/dev/null) || return 0
  # Braces, base chains and their policies remain of an empty table.
  if grep -vqE '^[[:space:]]*($|#|\}|table |chain |type .* hook )' <<<"$content"; then return 0; fi
  # shellcheck disable=SC2086
  nft delete table $1 2>/dev/null || true
}

# Base chains that iptables added to tables of somebody else. One that has rules cannot be removed, and stays.
remove_empty_chains() {
  local chain
  while read -r chain; do
    # shellcheck disable=SC2086 # family, table and name
    if ! is_recorded chain "$chain"; then nft delete chain $chain 2>/dev/null || true; fi
  done < <(list_chains | grep -E '^ip6? (filter|nat|mangle|raw|security) (PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING)$')
}
