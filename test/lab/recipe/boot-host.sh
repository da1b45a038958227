#!/bin/sh
# Becomes the systemd-nspawn of one host. Runs in a mount namespace of its own: its mounts end with it.
# boot-host.sh BASE DISK NAME MACHINE BRIDGE CGROUP HIERARCHY...
set -eu
base=$1 disk=$2 name=$3 machine=$4 bridge=$5 cgroup=$6
shift 6

# A subtree of its own in every hierarchy, so that the host can make cgroups as if it were alone.
for hierarchy; do
  group=$hierarchy/$cgroup
  mkdir -p "$group"
  if [ -f "$group/cpuset.cpus" ] && [ ! -f "$group/cgroup.controllers" ]; then
    cat "$hierarchy/cpuset.cpus" >"$group/cpuset.cpus"
    cat "$hierarchy/cpuset.mems" >"$group/cpuset.mems"
  fi
  # Version 2: children get the controllers that their parent hands down.
  for controller in $(cat "$hierarchy/cgroup.controllers" 2>/dev/null || :); do
    echo "+$controller" 2>/dev/null >"$hierarchy/cgroup.subtree_control" || :
  done
  echo $$ >"$group/cgroup.procs"
done

mount -t overlay overlay -o "lowerdir=$base,upperdir=$disk/upper,workdir=$disk/work" "$disk/root"

# A host loads kernel modules by itself, where the kernel has any.
if [ -d /lib/modules ]; then set -- --bind-ro=/lib/modules; else set --; fi

# Runtimes inside need every system call, writable API file systems and capabilities; overlay on overlay is refused, so
# the data of containerd and the like lies on the machine's own file system; kubelet reads /dev/kmsg.
exec env SYSTEMD_SECCOMP=0 SYSTEMD_NSPAWN_API_VFS_WRITABLE=1 \
  systemd-nspawn --boot --quiet --register=no --keep-unit --capability=all --console=read-only \
  --directory="$disk/root" --machine="$machine" --hostname="$name" --network-bridge="$bridge" \
  --bind=/dev/kmsg "$@" \
  --bind="$disk/data/containerd:/var/lib/containerd" --bind="$disk/data/kubelet:/var/lib/kubelet" \
  --bind="$disk/data/etcd:/var/lib/etcd" --bind="$disk/data/sealos:/var/lib/sealos"
