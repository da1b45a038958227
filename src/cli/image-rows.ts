import type { ImageSummary } from "../actions/list-images.ts";
import { renderSize, renderTable } from "../base/text.ts";
import { hexOf } from "../oci/digest.ts";
import { parseReference } from "../oci/reference.ts";
import { renderAge, toGoTime, toRfc3339 } from "./relative-time.ts";

/** One line of `sealos images`: an image under one of its names. The fields are those of `--format`. */
export interface ImageRow {
  readonly ID: string;
  readonly Name: string;
  readonly Tag: string;
  readonly Digest: string;
  readonly Created: string;
  readonly CreatedAt: string;
  readonly CreatedAtRaw: string;
  readonly Size: string;
  readonly ReadOnly: boolean;
}

export interface RowOptions {
  readonly isTruncated: boolean;
  readonly now: Date;
}

const NONE = "<none>";

/** A row for every name; an image without one has a row too. */
export function toRows(images: readonly ImageSummary[], options: RowOptions): ImageRow[] {
  return images.flatMap((image) =>
    (image.names.length === 0 ? [undefined] : image.names).map((name) => toRow(image, name, options)),
  );
}

/** The columns of `sealos images`. */
export function renderRowsTable(rows: readonly ImageRow[], columns: { digests: boolean; heading: boolean }): string {
  const header = ["REPOSITORY", "TAG", ...(columns.digests ? ["DIGEST"] : []), "IMAGE ID", "CREATED", "SIZE"];
  const cells = rows.map(({ Name, Tag, Digest, ID, Created, Size }) => [
    Name,
    Tag,
    ...(columns.digests ? [Digest] : []),
    ID,
    Created,
    Size,
  ]);
  return renderTable(columns.heading ? [header, ...cells] : cells);
}

/** The objects of `sealos images --json`, one for each image. */
export function toDocuments(images: readonly ImageSummary[], options: RowOptions): object[] {
  return images.map((image) => ({
    id: renderId(image, options),
    names: image.names,
    digest: image.digest,
    createdat: renderCreated(image, options),
    size: renderSize(image.sizeBytes),
    created: image.created === undefined ? 0 : Math.floor(image.created.getTime() / 1000),
    createdatraw: image.created === undefined ? "" : toRfc3339(image.created),
    readonly: false,
    history: [],
  }));
}

export function renderId({ id }: ImageSummary, { isTruncated }: Pick<RowOptions, "isTruncated">): string {
  return isTruncated ? hexOf(id).slice(0, 12) : id;
}

function toRow(image: ImageSummary, name: string | undefined, options: RowOptions): ImageRow {
  const created = renderCreated(image, options);
  return {
    ...splitName(name),
    ID: renderId(image, options),
    Digest: image.digest,
    Created: created,
    CreatedAt: created,
    CreatedAtRaw: image.created === undefined ? "" : toGoTime(image.created),
    Size: renderSize(image.sizeBytes),
    ReadOnly: false,
  };
}

function renderCreated({ created }: ImageSummary, { now }: RowOptions): string {
  return created === undefined ? "N/A" : renderAge(created, now);
}

function splitName(name: string | undefined): { Name: string; Tag: string } {
  if (name === undefined) return { Name: NONE, Tag: NONE };
  const { registry, repository, tag } = parseReference(name);
  return { Name: `${registry}/${repository}`, Tag: tag ?? NONE };
}
