/** https://github.com/opencontainers/image-spec/blob/v1.1.1/media-types.md and Docker's image manifest v2, schema 2. */
export const MEDIA_TYPES = {
  ociIndex: "application/vnd.oci.image.index.v1+json",
  ociManifest: "application/vnd.oci.image.manifest.v1+json",
  ociConfig: "application/vnd.oci.image.config.v1+json",
  ociEmpty: "application/vnd.oci.empty.v1+json",
  ociLayer: "application/vnd.oci.image.layer.v1.tar",
  ociLayerGzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  ociLayerZstd: "application/vnd.oci.image.layer.v1.tar+zstd",
  dockerManifestList: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerConfig: "application/vnd.docker.container.image.v1+json",
  dockerLayer: "application/vnd.docker.image.rootfs.diff.tar",
  dockerLayerGzip: "application/vnd.docker.image.rootfs.diff.tar.gzip",
} as const;

const FOREIGN_LAYER = new RegExp(
  "^application/vnd\\.(?:docker\\.image\\.rootfs\\.foreign\\.diff|oci\\.image\\.layer\\.nondistributable\\.v1)\\.tar",
);

/** True for a layer that its owner alone may hand out, from the URLs of its descriptor. */
export function isForeignLayer(mediaType: string): boolean {
  return FOREIGN_LAYER.test(mediaType);
}

export function isIndexType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPES.ociIndex || mediaType === MEDIA_TYPES.dockerManifestList;
}

export function isManifestType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPES.ociManifest || mediaType === MEDIA_TYPES.dockerManifest;
}

/** True for a manifest or index: a document that registries keep apart from blobs. */
export function isDocumentType(mediaType: string): boolean {
  return isManifestType(mediaType) || isIndexType(mediaType);
}

/** How a layer's tar stream is packed. */
export type Compression = "none" | "gzip" | "zstd";

/** @returns undefined for a media type that is not a layer. */
export function findCompression(mediaType: string): Compression | undefined {
  switch (mediaType) {
    case MEDIA_TYPES.ociLayer:
    case MEDIA_TYPES.dockerLayer:
      return "none";
    case MEDIA_TYPES.ociLayerGzip:
    case MEDIA_TYPES.dockerLayerGzip:
      return "gzip";
    case MEDIA_TYPES.ociLayerZstd:
      return "zstd";
    default:
      return undefined;
  }
}

export function layerMediaType(compression: Compression): string {
  const types = { none: MEDIA_TYPES.ociLayer, gzip: MEDIA_TYPES.ociLayerGzip, zstd: MEDIA_TYPES.ociLayerZstd };
  return types[compression];
}
