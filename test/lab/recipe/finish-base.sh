#!/bin/sh
# Makes a fresh Debian tree the disk that all hosts start from: finish-base.sh TREE RECIPE SUDO-USER
set -eu
tree=$1 recipe=$2 user=$3

cp "$recipe/lab-cgroups.service" "$recipe/lab-network.service" "$tree/etc/systemd/system/"
cp "$recipe/sshd.conf" "$tree/etc/ssh/sshd_config.d/lab.conf"
rm -f "$tree"/etc/ssh/ssh_host_* "$tree"/var/cache/apt/archives/*.deb "$tree"/var/lib/apt/lists/*_*

chroot "$tree" useradd --create-home --shell /bin/bash "$user"
echo "$user ALL=(ALL) ALL" >"$tree/etc/sudoers.d/$user"
chmod 440 "$tree/etc/sudoers.d/$user"

chroot "$tree" systemctl enable lab-cgroups lab-network ssh
# Nobody logs in at a terminal, and nothing of the machine's clock, disks or packages is for a host to look after.
chroot "$tree" systemctl mask console-getty.service getty.target systemd-networkd-wait-online.service \
  systemd-timesyncd.service e2scrub_all.timer e2scrub_reap.service fstrim.timer apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer
