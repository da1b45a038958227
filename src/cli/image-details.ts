import type { ImageDetails } from "../actions/inspect-image.ts";
import type { ExecutionConfig, HistoryEntry, ImageConfig } from "../oci/image-config.ts";
import { hexOf } from "../oci/digest.ts";

/** The object of `sealos inspect`; the JSON keys are those that scripts read. */
export function toDocument({ name, digest, id, config, manifest }: ImageDetails): object {
  return {
    Type: "image",
    Name: name,
    FromImage: name,
    FromImageID: hexOf(id),
    FromImageDigest: digest,
    ImageAnnotations: manifest.annotations ?? {},
    OCIv1: config,
    Manifest: manifest,
  };
}

/** The same for Go templates, which know the configuration by the names of its Go fields: `.OCIv1.Config.Labels`. */
export function toTemplateData(details: ImageDetails): object {
  return { ...toDocument(details), OCIv1: toGoNames(details.config) };
}

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/specs-go/v1/config.go */
function toGoNames({ created, author, architecture, os, variant, config, rootfs, history }: ImageConfig): object {
  return {
    Created: created ?? "",
    Author: author ?? "",
    Architecture: architecture,
    OS: os,
    Variant: variant ?? "",
    Config: withDefaults(config ?? {}),
    RootFS: { Type: rootfs.type, DiffIDs: rootfs.diff_ids },
    History: (history ?? []).map(toGoHistory),
  };
}

function withDefaults(config: ExecutionConfig): object {
  return {
    User: config.User ?? "",
    ExposedPorts: config.ExposedPorts ?? {},
    Env: config.Env ?? [],
    Entrypoint: config.Entrypoint ?? [],
    Cmd: config.Cmd ?? [],
    Volumes: config.Volumes ?? {},
    WorkingDir: config.WorkingDir ?? "",
    Labels: config.Labels ?? {},
    StopSignal: config.StopSignal ?? "",
  };
}

function toGoHistory(entry: HistoryEntry): object {
  return {
    Created: entry.created ?? "",
    CreatedBy: entry.created_by ?? "",
    Author: entry.author ?? "",
    Comment: entry.comment ?? "",
    EmptyLayer: entry.empty_layer ?? false,
  };
}
