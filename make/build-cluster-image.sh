#!/usr/bin/env bash
# build-cluster-image.sh NAME VERSION: prepares the sources of a cluster image and builds localhost/NAME:VERSION with the
# container images that it lists. Environment: SOURCE_KIND, SOURCE_MIRROR, CONTROL_PLANE (see images.mk).
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
cd "$repository"
name=$1 version=$2
sealos=$repository/bin/sealos
payload=${XDG_CACHE_HOME:-$HOME/.cache}/sealos/payload/$name-$version

prepare() { # prepare FOLDER [ARGUMENT...]
  local folder=$1 argument options=(--kind "${SOURCE_KIND:-auto}")
  shift
  for argument in "$@"; do options+=(--arg "$argument"); done
  [ -z "${SOURCE_MIRROR:-}" ] || options+=(--mirror "$SOURCE_MIRROR")
  "$sealos" sources prepare "$folder" --into "$payload" "${options[@]}"
}

# build IMAGE FOLDER... -- ARGUMENT...: unless the image was built from the same payload, folders and builder before.
build() {
  local image=$1 folders=() key stamp
  shift
  while [ "$1" != -- ]; do folders+=("$1") && shift; done
  shift
  stamp=$payload.built/${image//[\/:]/_}
  key=$(
    {
      printf '%s\n' "$image" "$@"
      find "${folders[@]}" -name modules -prune -o -type l -printf '%p %l\n' | sort
      find "${folders[@]}" -name modules -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
      cat "$payload/.payload.json"
      find dist -name '*.js' -print0 | sort -z | xargs -0 sha256sum
    } | sha256sum
  )
  if [ "$(cat "$stamp" 2>/dev/null)" = "$key" ] && "$sealos" inspect "$image" >/dev/null 2>&1; then
    echo "$image is up to date"
    return
  fi
  "$sealos" build --tag "$image" --build-context "payload=$payload" "$@"
  mkdir -p "$(dirname "$stamp")"
  echo "$key" >"$stamp"
}

# The container images of the control plane, under the names that kubeadm uses.
build_control_plane() {
  local reference part
  while read -r reference; do
    part=${reference##*/} && part=${part%%:*}
    build "$reference" "images/control-plane/$part" -- --compression zstd --file "images/control-plane/$part/Kubefile" \
      "images/control-plane/$part"
  done <"$payload/images/shim/DefaultImageList"
}

case $name in
  kubernetes)
    prepare images/kubernetes "version=$version"
    [ "${CONTROL_PLANE:-build}" = pull ] || build_control_plane
    mapfile -t arguments < <(sed -nE 's/^(version|pause)=/--build-arg=&/p' "$payload/build-arguments")
    build "localhost/kubernetes:$version" images/kubernetes images/control-plane -- \
      --file images/kubernetes/Kubefile --build-context files=images/kubernetes "${arguments[@]}" "$payload"
    ;;
  flannel)
    prepare kubefiles/flannel
    build "ghcr.io/flannel-io/flannel:$version" kubefiles/flannel/container -- \
      --compression zstd --file kubefiles/flannel/container/Kubefile kubefiles/flannel/container
    build "localhost/flannel:$version" kubefiles/flannel -- kubefiles/flannel
    ;;
  web)
    prepare kubefiles/web
    build docker.io/library/busybox:1.35.0 kubefiles/web/busybox -- \
      --compression zstd --file kubefiles/web/busybox/Kubefile kubefiles/web/busybox
    build "localhost/web:$version" kubefiles/web -- kubefiles/web
    ;;
  metrics-server)
    prepare kubefiles/metrics-server
    build "registry.k8s.io/metrics-server/metrics-server:$version" kubefiles/metrics-server/container -- \
      --file kubefiles/metrics-server/container/Kubefile kubefiles/metrics-server/container
    build "localhost/metrics-server:$version" kubefiles/metrics-server -- kubefiles/metrics-server
    ;;
  *)
    prepare "kubefiles/$name"
    build "localhost/$name:$version" "kubefiles/$name" -- "kubefiles/$name"
    ;;
esac
