# shellcheck shell=bash
# Library of the scripts beside it: changes a host and keeps a journal of every change, so that it can be undone.
#
# A journal is one file of a component (registry, cri, kubernetes): one line a change, written before the change is made,
# fields separated by tabs. `undo_journal` undoes the lines from the last to the first. Running a script again changes
# nothing that is as it should be already.
#
# ROOT is put in front of every path of the host. It is empty except in tests.

set -euo pipefail

SCRIPTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOTFS=${SCRIPTS%/scripts}
STATE=$ROOTFS/.state
ROOT=${ROOT:-}
BIN_DIR=${BIN_DIR:-/usr/bin}

# Whether the functions below changed a file since `use_journal`.
changed=false
journal=

log() { printf '%s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

require_root() {
  [ "$(id -u)" = 0 ] || fail "root is needed"
}

# use_journal COMPONENT: what changes from here on goes to its journal.
use_journal() {
  journal=$STATE/$1.journal
  changed=false
  mkdir -p "$STATE/before"
  chmod 0700 "$STATE"
  [ -e "$journal" ] || : >"$journal"
}

record() {
  local IFS=$'\t'
  printf '%s\n' "$*" >>"$journal"
}

# is_recorded KIND SUBJECT: whether the journal knows the subject, with whatever details.
is_recorded() {
  local kind subject _
  while IFS=$'\t' read -r kind subject _; do
    if [ "$kind" = "$1" ] && [ "$subject" = "$2" ]; then return 0; fi
  done <"$journal"
  return 1
}

# Where the content waits that a path had before.
before_path() {
  printf '%s/before/%s' "$STATE" "$(printf '%s' "$1" | sed 's/%/%25/g; s|/|%2F|g')"
}

# make_directory PATH: it and its missing parents, each of them recorded.
make_directory() {
  [ ! -d "$ROOT$1" ] || return 0
  make_directory "$(dirname "$1")"
  record directory "$1"
  mkdir "$ROOT$1"
}

# install_file MODE SOURCE DESTINATION: a file of the image at its place on the host. What was there before is kept.
install_file() {
  local mode=$1 source=$2 destination=$3 target=$ROOT$3
  if [ -f "$target" ] && [ ! -L "$target" ] && cmp -s "$source" "$target"; then
    [ "$(stat -c %a "$target")" != "${mode#0}" ] || return 0
  fi
  make_directory "$(dirname "$destination")"
  remember_file "$destination"
  # A program that runs cannot be written, but replaced.
  cp --reflink=auto "$source" "$target.sealos"
  chmod "$mode" "$target.sealos"
  mv -f "$target.sealos" "$target"
  changed=true
}

# install_text MODE DESTINATION <TEXT
install_text() {
  local text
  text=$(mktemp)
  cat >"$text"
  install_file "$1" "$text" "$2"
  rm -f "$text"
}

# remember_file PATH: what is there now will be there again after the undoing, or nothing.
remember_file() {
  ! is_recorded file "$1" || return 0
  if [ -e "$ROOT$1" ] || [ -L "$ROOT$1" ]; then
    cp -a "$ROOT$1" "$(before_path "$1")"
    record file "$1" present
  else
    record file "$1" absent
  fi
}

# watch_directory PATH: others will write there. The undoing removes what was not in it, and the folder if it was new.
watch_directory() {
  ! is_recorded watch "$1" || return 0
  local parent
  if [ -d "$ROOT$1" ]; then
    find "$ROOT$1" -mindepth 1 -maxdepth 1 -printf '%f\n' >"$(before_path "$1")"
    record watch "$1" present "$(stat -c %a "$ROOT$1")"
  else
    parent=$(dirname "$1")
    [ -d "$ROOT$parent" ] || make_directory "$parent"
    record watch "$1" absent
  fi
}

# remember_links NAME...: network interfaces of these names that are there now are not ours.
remember_links() {
  local name
  for name in "$@"; do
    if [ -e "$ROOT/sys/class/net/$name" ]; then record link "$name"; fi
  done
}

# remember_tables: tables and chains of the packet filter that are there now are not ours.
remember_tables() {
  local name
  while read -r name; do record table "$name"; done < <(list_tables)
  while read -r name; do record chain "$name"; done < <(list_chains)
}

list_tables() {
  if command -v nft >/dev/null; then nft list tables 2>/dev/null | sed 's/^table //' || true; fi
}

# FAMILY TABLE CHAIN, one a line.
list_chains() {
  if command -v nft >/dev/null; then
    nft list chains 2>/dev/null | awk '$1 == "table" { table = $2 " " $3 } $1 == "chain" { print table, $2 }' || true
  fi
}

# remember_sysctl KEY...: Kubernetes will set these by itself.
remember_sysctl() {
  local key file
  for key in "$@"; do
    file=$ROOT/proc/sys/${key//.//}
    if [ -r "$file" ] && ! is_recorded sysctl "$key"; then record sysctl "$key" "$(<"$file")"; fi
  done
}

# raise_sysctl KEY VALUE: at least so much; what is higher already stays.
raise_sysctl() {
  local key=$1 value=$2 file=$ROOT/proc/sys/${1//.//} current
  if [ ! -r "$file" ]; then
    warn "the kernel has no $key"
    return 0
  fi
  current=$(<"$file")
  [ "$current" -lt "$value" ] || return 0
  # The value that was compared: in a container another one may raise it in between.
  is_recorded sysctl "$key" || record sysctl "$key" "$current"
  printf '%s' "$value" 2>/dev/null >"$file" || warn "$key stays $(<"$file"): it cannot be set to $value from here"
}

# sysctl_lines FILE: its lines `KEY = VALUE` with the higher of that value and the one in force.
sysctl_lines() {
  local key value file
  while read -r key _ value; do
    file=$ROOT/proc/sys/${key//.//}
    case $key in '' | '#'*) continue ;; esac
    [ -r "$file" ] || continue
    [ "$(<"$file")" -le "$value" ] || value=$(<"$file")
    printf '%s = %s\n' "$key" "$value"
  done <"$1"
}

# load_module NAME: for this boot; a file in modules-load.d is for the next ones.
load_module() {
  [ ! -e "$ROOT/sys/module/$1" ] || return 0
  if ! is_recorded module "$1"; then record module "$1"; fi
  modprobe "$1" 2>/dev/null || warn "the kernel module $1 cannot be loaded: it may be part of the kernel"
}

# begin_unit NAME / end_unit NAME: around the installation of its files. The unit of that name that was there before
# runs again after the undoing.
begin_unit() {
  is_recorded unit-before "$1" || record unit-before "$1" "$(unit_state is-enabled "$1")" "$(unit_state is-active "$1")"
}

unit_state() {
  local state
  state=$(systemctl "$1" "$2" 2>/dev/null) || true
  printf '%s' "${state:-unknown}"
}

end_unit() {
  is_recorded unit "$1" || record unit "$1"
  systemctl daemon-reload
  [ "$(unit_state is-enabled "$1")" = enabled ] || systemctl enable "$1" 2>/dev/null
}

# run_unit NAME: it runs with what is installed now.
run_unit() {
  if [ "$changed" = true ]; then systemctl restart "$1"; else systemctl start "$1"; fi
}

# undo_journal COMPONENT: takes back every change that its journal has, the last one first. What fails does not stop the
# rest; the journal stays then, and the undoing can be tried again.
undo_journal() {
  local kind subject details failed=false
  journal=$STATE/$1.journal
  [ -e "$journal" ] || return 0
  while IFS=$'\t' read -r kind subject details; do
    if ! undo "$kind" "$subject" "$details"; then
      warn "cannot undo: $kind $subject"
      failed=true
    fi
  done < <(tac "$journal")
  [ "$failed" = false ] || return 1
  rm -f "$journal"
}

undo() {
  case $1 in
    file) undo_file "$2" "$3" ;;
    directory) rmdir "$ROOT$2" 2>/dev/null || true ;;
    watch) undo_watch "$2" "$3" ;;
    sysctl) undo_sysctl "$2" "$3" ;;
    module) ! command -v modprobe >/dev/null || modprobe -r "$2" 2>/dev/null || true ;;
    unit) undo_unit "$2" ;;
    unit-before) undo_unit_before "$2" "$3" ;;
    link | table | chain | traces) ;;
    *) return 1 ;;
  esac
}

undo_file() {
  local before
  rm -f "$ROOT$1" || return 1
  [ "$2" = present ] || return 0
  before=$(before_path "$1")
  cp -a "$before" "$ROOT$1" && rm -f "$before"
}

# The folder may be a mount point: it is emptied, and removed only if it was not there before.
undo_watch() {
  local before entry state=${2%%$'\t'*}
  [ -d "$ROOT$1" ] || return 0
  unmount_below "$1"
  before=$(before_path "$1")
  while IFS= read -r -d '' entry; do
    if [ "$state" = present ] && grep -qxF -- "$entry" "$before"; then continue; fi
    # shellcheck disable=SC2115 # neither the folder nor the entry is ever empty
    rm -rf -- "$ROOT$1/$entry" || return 1
  done < <(find "$ROOT$1" -mindepth 1 -maxdepth 1 -printf '%f\0')
  rm -f "$before"
  if [ "$state" = absent ]; then rmdir "$ROOT$1"; else chmod "${2##*$'\t'}" "$ROOT$1"; fi
}

# Everything that is mounted below a folder, the innermost first; the folder's own mount stays.
unmount_below() {
  local mount
  while read -r mount; do
    umount "$mount" 2>/dev/null || umount -l "$mount" 2>/dev/null || warn "cannot unmount $mount"
  done < <(awk -v below="$ROOT$1/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | sort -r)
}

undo_sysctl() {
  local file=$ROOT/proc/sys/${1//.//}
  if [ ! -w "$file" ] || [ "$(<"$file")" = "$2" ]; then return 0; fi
  printf '%s' "$2" 2>/dev/null >"$file" || warn "$1 cannot be set back to $2 from here"
}

undo_unit() {
  systemctl disable --now "$1" 2>/dev/null || true
  systemctl reset-failed "$1" 2>/dev/null || true
}

undo_unit_before() {
  local was_enabled=${2%%$'\t'*} was_active=${2##*$'\t'}
  systemctl daemon-reload
  [ "$was_enabled" != enabled ] || systemctl enable "$1" 2>/dev/null || return 1
  [ "$was_active" != active ] || systemctl start "$1"
}
