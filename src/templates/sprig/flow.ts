import { FunctionError } from "../error.ts";
import { fixed, functionTable } from "../function.ts";

export const flowFunctions = functionTable({
  hello: fixed([], () => "Hello!"),
  fail: fixed(["string"], (message) => {
    throw new FunctionError(message);
  }),
});
