import { InputError } from "../base/error.ts";

/** Keys and values of a pax extended header; values are bytes. */
export type PaxRecords = ReadonlyMap<string, Buffer>;

/** Reads records `LENGTH KEY=VALUE\n`. @throws {InputError} when they are malformed. */
export function parsePaxRecords(content: Buffer): PaxRecords {
  const records = new Map<string, Buffer>();
  for (let position = 0; position < content.byteLength;) {
    const blank = content.indexOf(0x20, position);
    const lengthText = content.toString("latin1", position, Math.max(position, blank));
    const end = position + (/^\d{1,9}$/.test(lengthText) ? Number(lengthText) : 0);
    const equals = content.indexOf(0x3d, blank);
    if (blank < 0 || equals < 0 || equals >= end || end > content.byteLength || content[end - 1] !== 0x0a) {
      throw new InputError("Cannot read archive: a pax extended header is malformed");
    }
    records.set(content.toString("utf8", blank + 1, equals), content.subarray(equals + 1, end - 1));
    position = end;
  }
  return records;
}
