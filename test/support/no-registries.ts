import type { ImageEnvironment } from "../../src/actions/image-environment.ts";

function refuse(): Promise<never> {
  return Promise.reject(new Error("No registry is asked here"));
}

/** Of an environment whose images are all on this machine. */
export const NO_REGISTRIES: Pick<ImageEnvironment, "meaningsOf" | "openRepository" | "openDestination"> = {
  meaningsOf: refuse,
  openRepository: refuse,
  openDestination: refuse,
};
