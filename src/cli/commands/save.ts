import { saveImages, type SaveRequest } from "../../actions/save-images.ts";
import { UsageError } from "../../base/error.ts";
import { parseByteSize } from "../byte-size.ts";
import { defineCommand } from "../define-command.ts";
import type { Environment } from "../environment.ts";
import { QUIET_FLAG } from "../flag.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { REFERRERS_FLAG, wantsReferrers } from "../referrers-flag.ts";

const SMALLEST_PART_BYTES = 1024 * 1024;

export const save = defineCommand({
  description: [
    "Writes images of the local store, with their names and signatures, into one archive or folder. With",
    "--max-part-size the archive comes in files FILE.000, FILE.001 and so on, with a list of their digests as",
    "FILE.parts; `sealos load` verifies and joins them.",
  ].join("\n"),
  examples: [
    "sealos save -o web.tar localhost/web:v1",
    "sealos save -o bundle.tar.zst --compression zstd kubernetes:v1.36.3 flannel:v0.26.7",
    "sealos save -o bundle.tar --max-part-size 4G kubernetes:v1.36.3",
    "sealos save -o - web:v1 | ssh host sealos load -i -",
  ],
  args: ["image..."],
  flags: {
    output: { type: "string", short: "o", value: "FILE", help: "The archive to write; - for stdout" },
    format: {
      type: "string",
      choices: ["oci-archive", "oci-dir", "docker-archive", "docker-dir"],
      default: "oci-archive",
      help: "What to write; docker-archive is what `docker load` reads",
    },
    compression: { type: "string", choices: ["gzip", "zstd"], help: "Pack the archive" },
    "max-part-size": { type: "string", value: "SIZE", help: "Write files of at most this size, such as 4G" },
    ...REFERRERS_FLAG,
    "multi-image-archive": { type: "boolean", short: "m", hidden: true, ignored: true, help: "All images are saved" },
    compress: { type: "boolean", hidden: true, help: "As --compression gzip" },
    uncompressed: { type: "boolean", hidden: true, ignored: true, help: "Layers are saved as stored" },
    ...QUIET_FLAG,
  },
  async run(ctx, { args, flags, environment }) {
    const { format } = flags;
    const destination = toDestination(flags.output, environment);
    const partBytes = parsePartSize(flags["max-part-size"], destination);
    return saveImages(ctx, await openImageEnvironment(ctx, environment), {
      names: args.image,
      destination,
      format,
      compression: flags.compression ?? (flags.compress && !format.endsWith("-dir") ? "gzip" : undefined),
      partBytes,
      referrers: wantsReferrers(flags),
    });
  },
  render: () => "",
});

function toDestination(output: string | undefined, { writeOutput }: Environment): SaveRequest["destination"] {
  if (output === undefined) throw new UsageError("Missing flag --output", { hint: "Name the file with -o" });
  if (output !== "-") return output;
  if (writeOutput) return writeOutput;
  throw new UsageError("Cannot write an archive to a terminal", { hint: "Name a file with -o, or use a pipe" });
}

function parsePartSize(text: string | undefined, destination: SaveRequest["destination"]): number | undefined {
  if (text === undefined) return undefined;
  if (typeof destination !== "string") throw new UsageError("Give --max-part-size or -o -, not both");
  const sizeBytes = parseByteSize("max-part-size", text);
  if (sizeBytes >= SMALLEST_PART_BYTES) return sizeBytes;
  throw new UsageError(`Invalid value "${text}" of --max-part-size: expected 1M or more`);
}
