import { resolve } from "node:path";

import { generateClusterfile } from "../../actions/generate-clusterfile.ts";
import { writeFileAtomic } from "../../base/atomic-file.ts";
import { openClusterEnvironment, toRunRequest } from "../cluster-environment.ts";
import { CLUSTER_FLAG, HOST_FLAGS, IMAGE_RUN_FLAGS, SSH_FLAGS } from "../cluster-flags.ts";
import { defineCommand } from "../define-command.ts";

export const gen = defineCommand({
  description: "Prints a complete Clusterfile to be edited and applied. No host is contacted.",
  examples: ["sealos gen kubernetes:v1.36.3 --masters 10.0.0.1 --passwd secret >Clusterfile"],
  args: ["image..."],
  flags: {
    ...HOST_FLAGS,
    ...CLUSTER_FLAG,
    ...SSH_FLAGS,
    env: IMAGE_RUN_FLAGS.env,
    cmd: IMAGE_RUN_FLAGS.cmd,
    output: {
      type: "string",
      short: "o",
      value: "FILE",
      default: "stdout",
      help: "Write to a file, readable by you only",
    },
  },
  async run(ctx, { args, flags, environment }) {
    const request = toRunRequest(args.image, flags, environment);
    const text = await generateClusterfile(ctx, await openClusterEnvironment(ctx, environment), request);
    if (flags.output === "stdout" || flags.output === "") return { text };
    const file = resolve(environment.settings.workingDirectory, flags.output);
    await writeFileAtomic(file, text, { mode: 0o600 });
    return { text: "" };
  },
  render: ({ text }) => text.trimEnd(),
});
