import type { Digest } from "../../oci/digest.ts";
import { layerLinkPath, revisionLinkPath } from "./layout.ts";
import { readLink, removeLink, writeLink } from "./links.ts";
import type { References } from "./references.ts";

interface RemovedLink {
  readonly repository: string;
  readonly kind: "document" | "layer";
  readonly digest: Digest;
  /** What the link said: a blob may be stored under a digest of another algorithm. */
  readonly target: Digest;
}

/** Links that a prune took out of repositories, until it is sure that nobody needs them. */
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
    const path = pathOf({ repository, kind, digest });
    const target = await readLink(this.#root, path);
    if (target === undefined || !(await removeLink(this.#root, path))) return;
    this.#links = [...this.#links, { repository, kind, digest, target }];
  }

  /** Puts back what a tag or an image needs that came in the meantime. @returns false when there was nothing. */
  async restore({ byRepository }: References): Promise<boolean> {
    const isNeeded = ({ repository, digest }: RemovedLink): boolean => {
      const references = byRepository.get(repository);
      return references !== undefined && (references.content.has(digest) || references.tagged.has(digest));
    };
    const needed = this.#links.filter(isNeeded);
    for (const link of needed) await writeLink(this.#root, pathOf(link), link.target);
    this.#links = this.#links.filter((link) => !needed.includes(link));
    return needed.length > 0;
  }
}

function pathOf({ repository, kind, digest }: Omit<RemovedLink, "target">): string {
  return (kind === "document" ? revisionLinkPath : layerLinkPath)(repository, digest);
}
