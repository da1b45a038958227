import { encodeBytes } from "./bytes.ts";
import { GoObject } from "./value.ts";
import type { Value } from "./value.ts";

/** `[]byte`, as `.Files` holds it. */
export class ByteList extends GoObject {
  readonly type = "[]uint8";
  readonly kind = "slice";
  readonly text: string;

  constructor(text: string) {
    super();
    this.text = text;
  }

  print(): string {
    return `[${encodeBytes(this.text).join(" ")}]`;
  }

  override toPlain(): Value {
    return Buffer.from(encodeBytes(this.text)).toString("base64");
  }
}
