import { KnownError } from "../../base/error.ts";
import { parseTemplate, renderTemplate } from "../../templates/template.ts";
import { findLineMark, markLines } from "./line-marks.ts";
import { traceLine } from "./trace-line.ts";
import { findYamlImages } from "./yaml-images.ts";

/** What a template sees: the environment of the image. */
export type TemplateData = Readonly<Record<string, string>>;

export interface TemplateImages {
  readonly images: readonly { readonly text: string; readonly line: number | undefined }[];
  /** Why the template is not rendered. */
  readonly note: string | undefined;
}

/**
 * The images that a template names when it is rendered with `data`, by the lines of the template. One that cannot be
 * rendered is read by the line, and a note says why.
 */
export function findTemplateImages(text: string, { name, data }: { name: string; data: TemplateData }): TemplateImages {
  try {
    const rendered = renderTemplate(parseTemplate(markLines(text), { name }), data);
    const lines = rendered.split("\n");
    const images = findYamlImages(rendered).map((image) => ({
      text: image.text,
      line: findLineMark(lines[image.line - 1] ?? "") ?? traceLine(image.text, text),
    }));
    return { images, note: undefined };
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    const note = `${name} is not rendered, only images that stand in it as they are were found: ${error.message}`;
    return { images: findYamlImages(text), note };
  }
}
