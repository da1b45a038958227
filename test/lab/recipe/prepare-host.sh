#!/bin/sh
# Makes the disk of a new host and prints its public host key. Runs in a mount namespace of its own.
# prepare-host.sh BASE DISK NAME ADDRESS GATEWAY AUTHORIZED-KEY SUDO-USER; "user:password" lines on standard input
set -eu
base=$1 disk=$2 name=$3 address=$4 gateway=$5 key=$6 user=$7

mkdir -p "$disk/upper" "$disk/work" "$disk/root"
for service in containerd kubelet etcd sealos; do mkdir -p "$disk/data/$service"; done
mount -t overlay overlay -o "lowerdir=$base,upperdir=$disk/upper,workdir=$disk/work" "$disk/root"
cd "$disk/root"

chroot . chpasswd
echo "$name" >etc/hostname
printf '127.0.0.1 localhost\n%s %s\n' "$address" "$name" >etc/hosts
tr -d - </proc/sys/kernel/random/uuid >etc/machine-id
printf 'ADDRESS=%s\nGATEWAY=%s\n' "$address" "$gateway" >etc/lab-network
for home in root "home/$user"; do
  mkdir -p -m 700 "$home/.ssh"
  cp "$key" "$home/.ssh/authorized_keys"
  chmod 600 "$home/.ssh/authorized_keys"
done
chroot . chown -R "$user:" "/home/$user/.ssh"
ssh-keygen -A -f . >/dev/null
cut -d ' ' -f 1,2 etc/ssh/ssh_host_ed25519_key.pub
