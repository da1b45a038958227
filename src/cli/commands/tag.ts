import { tagImage } from "../../actions/tag-image.ts";
import { defineCommand } from "../define-command.ts";
import { openImageEnvironment } from "../image-environment.ts";

export const tag = defineCommand({
  description: "Gives an image of the local store more names. A name without a registry belongs to localhost.",
  examples: ["sealos tag localhost/web:v1 registry.example.com/team/web:v1"],
  args: ["image", "name..."],
  run: async (ctx, { args, environment }) =>
    tagImage(ctx, await openImageEnvironment(ctx, environment), { name: args.image, newNames: args.name }),
  render: () => "",
});
