/** What an image is built on. https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md */
export const BASE_NAME = "org.opencontainers.image.base.name";
export const BASE_DIGEST = "org.opencontainers.image.base.digest";
