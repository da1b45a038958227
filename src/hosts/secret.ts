export { Secret } from "../base/secret.ts";
