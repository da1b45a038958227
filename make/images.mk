# The cluster images of images/ and kubefiles/. What is up to date is skipped; sources are cached outside the work tree.

KUBERNETES_VERSION ?= v1.36.3
# auto: published releases where they can be reached, else Go modules built from source. Or: release, module.
SOURCE_KIND ?= auto
# pull: take the control plane's container images from registry.k8s.io instead of building them.
CONTROL_PLANE ?= build
# Instead of the internet: a URL or folder that has HOST/PATH.
SOURCE_MIRROR ?=

IMAGE_PACKAGES := busybox-static gcc libc6-dev libseccomp-dev nftables pkg-config
BUILD_CLUSTER_IMAGE := SOURCE_KIND=$(SOURCE_KIND) SOURCE_MIRROR=$(SOURCE_MIRROR) CONTROL_PLANE=$(CONTROL_PLANE) make/build-cluster-image.sh

.PHONY: images
images: image-kubernetes image-flannel image-web ## Build the cluster images: kubernetes, flannel and web

.PHONY: images-upgrade
images-upgrade: image-packages build ## Build localhost/kubernetes:v1.35.4, to upgrade from
	@$(BUILD_CLUSTER_IMAGE) kubernetes v1.35.4

.PHONY: image-kubernetes
image-kubernetes: image-packages build
	@$(BUILD_CLUSTER_IMAGE) kubernetes $(KUBERNETES_VERSION)

.PHONY: image-flannel
image-flannel: image-packages build
	@$(BUILD_CLUSTER_IMAGE) flannel v0.26.7

.PHONY: image-web
image-web: image-packages build
	@$(BUILD_CLUSTER_IMAGE) web v1

.PHONY: images-more
images-more: image-helm image-metrics-server ## Build the images of helm and metrics-server

.PHONY: image-helm
image-helm: image-packages build
	@$(BUILD_CLUSTER_IMAGE) helm v3.21.4

.PHONY: image-metrics-server
image-metrics-server: image-packages build
	@$(BUILD_CLUSTER_IMAGE) metrics-server v0.9.0

.PHONY: image-packages
image-packages:
	@make/install-debian-packages $(IMAGE_PACKAGES)
