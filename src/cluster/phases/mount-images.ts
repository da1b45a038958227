import type { Context } from "../../base/context.ts";
import { InputError } from "../../base/error.ts";
import type { ClusterImage } from "../cluster-image.ts";
import type { ClusterRun } from "../cluster-run.ts";
import type { Phase } from "../phase.ts";

export const mountImages: Phase<ClusterRun> = {
  name: "mount-images",
  title: "Open the images",
  concurrency: 1,
  async plan(ctx, run) {
    const images = await run.images(ctx);
    await run.rootfs(ctx);
    const names = images.map(({ digest }) => digest);
    if (new Set(names).size < names.length) throw new InputError("Cannot run an image twice in one cluster");
    await checkArchitecture(ctx, run, images);
    return [
      images.map(({ name, kind }) => ({
        title: name,
        isDone: true,
        details: [`kind ${kind}`],
        perform: async () => {},
      })),
    ];
  },
};

async function checkArchitecture(ctx: Context, run: ClusterRun, images: readonly ClusterImage[]): Promise<void> {
  for (const observation of await run.observations(ctx)) {
    if (!("facts" in observation)) continue;
    const { host, facts } = observation;
    const wrong = images.find(({ architecture }) => architecture !== facts.architecture);
    if (wrong) {
      throw new InputError(
        `Cannot run "${wrong.name}" on ${host.address}: the image is for ${wrong.architecture}, the host is ${facts.architecture}`,
        { hint: "Build or pull the image for the hosts' platform" },
      );
    }
  }
}
