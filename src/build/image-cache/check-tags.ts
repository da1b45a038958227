import { InputError } from "../../base/error.ts";
import { renderImage } from "../scan/scanned-image.ts";
import type { CachedImage } from "./registry-tree.ts";

/**
 * The cluster's registry knows images without the registry that they come from.
 * @throws {InputError} naming every two images that would have one name there and differ
 */
export function checkTags(images: readonly CachedImage[]): void {
  const owners = new Map<string, CachedImage>();
  const problems: string[] = [];
  for (const image of images) {
    const { repository, tag, digest } = image.reference;
    if (tag === undefined || digest !== undefined) continue;
    const name = `${repository}:${tag}`;
    const owner = owners.get(name);
    if (owner && owner.graph.root.digest !== image.graph.root.digest) {
      problems.push(`${renderImage(owner)} and ${renderImage(image)} would both be "${name}"`);
    } else owners.set(name, image);
  }
  if (problems.length === 0) return;
  throw new InputError(`Cannot cache images for the cluster's registry:\n${problems.join("\n")}`, {
    hint: "Tag one of them differently, in the list and where it is used",
  });
}

/**
 * The tag of an image in the cluster's registry. A tag beside a digest is only kept while no other image has it; an image
 * with nothing but a digest gets a tag of its own, for tools that copy registries tag by tag.
 */
export function tagsOf(images: readonly CachedImage[]): ReadonlyMap<CachedImage, string | undefined> {
  const owners = new Map<string, string>();
  const pinnedLast = images.toSorted((a, b) => Number(isPinned(a)) - Number(isPinned(b)));
  const tags = pinnedLast.map((image): readonly [CachedImage, string | undefined] => {
    const { repository, tag } = image.reference;
    const digest = image.graph.root.digest;
    const name = `${repository}:${tag ?? ownTag(digest)}`;
    const owner = owners.get(name) ?? digest;
    owners.set(name, owner);
    return [image, owner === digest ? (tag ?? ownTag(digest)) : undefined];
  });
  return new Map(tags);
}

function isPinned({ reference }: CachedImage): boolean {
  return reference.digest !== undefined;
}

function ownTag(digest: string): string {
  return `digest-${digest.replace(/^.*:/, "").slice(0, 12)}`;
}
