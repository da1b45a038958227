import { transferImage } from "../../actions/transfer-image.ts";
import { UsageError } from "../../base/error.ts";
import { parseLocation } from "../../oci/image-location.ts";
import { defineCommand } from "../define-command.ts";
import { QUIET_FLAG } from "../flag.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { PLATFORM_FLAGS, toPlatform } from "../platform-flags.ts";
import { REGISTRY_FLAGS } from "../registry-flags.ts";
import { REFERRERS_FLAG, wantsReferrers } from "../referrers-flag.ts";

const { creds: _, ...COMMON_FLAGS } = REGISTRY_FLAGS;

export const copy = defineCommand({
  description: [
    "Copies an image from one place to another, with its signatures and what else refers to it. A place is one of",
    "docker://NAME (a registry), oci:DIR[:NAME], oci-archive:FILE[:NAME], docker-archive:FILE[:NAME], dir:DIR,",
    "containers-storage:NAME (of podman and buildah; only to read), or a plain name: an image of the local store.",
    "A place that is written and names no image gives it the name that it has where it comes from.",
  ].join("\n"),
  examples: [
    "sealos copy docker://docker.io/library/nginx:1.29 docker://registry.example.com/nginx:1.29",
    "sealos copy --all docker://quay.io/team/web:v1 oci-archive:web.tar",
    "sealos copy containers-storage:localhost/web:v1 web:v1",
  ],
  args: ["source", "destination"],
  flags: {
    all: { type: "boolean", short: "a", help: "Of an index, copy the images of all platforms" },
    ...PLATFORM_FLAGS,
    ...REFERRERS_FLAG,
    "preserve-digests": { type: "boolean", help: "Fail rather than change a digest" },
    format: {
      type: "string",
      short: "f",
      choices: ["oci", "v2s2"],
      help: "Format of the manifests; converting one changes its digest",
    },
    "dest-compress-format": {
      type: "string",
      choices: ["gzip", "zstd"],
      help: "Pack the layers so; that changes the digest",
    },
    "src-creds": { type: "string", value: "USER[:PASSWORD]", help: "Login at the registry of the source" },
    "dest-creds": { type: "string", value: "USER[:PASSWORD]", help: "Login at the registry of the destination" },
    "src-tls-verify": { type: "boolean", default: true, help: "As --tls-verify, for the source" },
    "dest-tls-verify": { type: "boolean", default: true, help: "As --tls-verify, for the destination" },
    ...QUIET_FLAG,
    ...COMMON_FLAGS,
  },
  output: "json",
  async run(ctx, { args, flags, environment }) {
    if (flags.all && flags.platform !== undefined) throw new UsageError("Give --all or --platform, not both");
    const ends = {
      source: { creds: flags["src-creds"], "tls-verify": flags["tls-verify"] && flags["src-tls-verify"] },
      destination: { creds: flags["dest-creds"], "tls-verify": flags["tls-verify"] && flags["dest-tls-verify"] },
    };
    const [from, to] = [parseLocation(args.source), parseLocation(args.destination)];
    const source = await openImageEnvironment(ctx, environment, { ...flags, ...ends.source });
    const destination = await openImageEnvironment(ctx, environment, { ...flags, ...ends.destination });
    return transferImage(
      ctx,
      { source, destination },
      {
        from,
        to,
        all: flags.all,
        platform: toPlatform(flags, environment),
        referrers: wantsReferrers(flags),
        preserveDigests: flags["preserve-digests"],
        format: flags.format,
        compression: flags["dest-compress-format"],
      },
    );
  },
  render: ({ destination, digest }) => `Copied to ${destination}: ${digest}`,
  notes: ({ digest, sourceDigest }) =>
    digest === sourceDigest ? [] : [`The digest changed: ${sourceDigest} became ${digest}`],
});
