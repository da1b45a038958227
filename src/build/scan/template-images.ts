import { KnownError } from "../../base/error.ts";
import { parseTemplate, renderTemplate } from "../../templates/template.ts";
import { traceLine } from "./trace-line.ts";
import { findYamlImages, type ImageLine } from "./yaml-images.ts";

/** What a template sees: the environment of the image. */
export type TemplateData = Readonly<Record<string, string>>;

/**
 * The images that a template names when it is rendered with `data`, by the lines of the template. One that cannot be
 * rendered is read by the line, and a note says why.
 */
export function findTemplateImages(
  text: string,
  { name, data }: { name: string; data: TemplateData },
): { readonly images: readonly (Omit<ImageLine, "line"> & { line?: number })[]; readonly note: string | undefined } {
  try {
    const rendered = renderTemplate(parseTemplate(text, { name }), data);
    const images = findYamlImages(rendered);
    return { images: images.map((image) => traceLine(image, { rendered, template: text })), note: undefined };
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    const note = `${name} is not rendered, only images that stand in it as they are were found: ${error.message}`;
    return { images: findYamlImages(text), note };
  }
}
