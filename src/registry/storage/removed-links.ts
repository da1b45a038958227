import type { Digest } from "../../oci/digest.ts";
import { layerLinkPath, revisionLinkPath } from "./layout.ts";
import { discardAside, moveLinkAside, takeLinkBack } from "./links.ts";
import type { References } from "./references.ts";

interface RemovedLink {
  readonly repository: string;
  readonly kind: "document" | "layer";
  readonly digest: Digest;
}

/**
 * Links that a prune took out of repositories. They lie aside until it is sure that nobody needs them; a server that is
 * asked for one takes it back.
 */
export class RemovedLinks {
  readonly #root: string;
  #links: readonly RemovedLink[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  /** How many images have been removed and not put back. */
  get documents(): number {
    return this.#links.filter(({ kind }) => kind === "document").length;
  }

  async remove(repository: string, kind: RemovedLink["kind"], digest: Digest): Promise<void> {
    const link = { repository, kind, digest };
    if (await moveLinkAside(this.#root, pathOf(link))) this.#links = [...this.#links, link];
  }

  /** Puts back what a tag or an image needs that came in the meantime. @returns false when there was nothing. */
  async restore({ byRepository }: References): Promise<boolean> {
    return this.#putBack(({ repository, digest }) => {
      const references = byRepository.get(repository);
      return references !== undefined && (references.content.has(digest) || references.tagged.has(digest));
    });
  }

  /** Puts back what somebody may rely on by now, and removes the rest for good. */
  async commit(isWanted: (digest: Digest) => Promise<boolean>): Promise<void> {
    for (const link of this.#links) {
      const path = pathOf(link);
      const wanted = await isWanted(link.digest);
      if (wanted) await takeLinkBack(this.#root, path);
      if (!wanted && (await discardAside(this.#root, path))) continue;
      this.#links = this.#links.filter((other) => other !== link);
    }
  }

  /** For a prune that fails. */
  async restoreAll(): Promise<void> {
    await this.#putBack(() => true);
  }

  async #putBack(isNeeded: (link: RemovedLink) => boolean): Promise<boolean> {
    const needed = this.#links.filter(isNeeded);
    for (const link of needed) await takeLinkBack(this.#root, pathOf(link));
    this.#links = this.#links.filter((link) => !needed.includes(link));
    return needed.length > 0;
  }
}

function pathOf({ repository, kind, digest }: RemovedLink): string {
  return (kind === "document" ? revisionLinkPath : layerLinkPath)(repository, digest);
}
