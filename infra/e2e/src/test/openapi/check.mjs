// Reads an OpenAPI document from standard input; prints what the official JSON Schema of its version
// finds wrong, and references that lead nowhere.
import { text } from "node:stream/consumers";
import { Validator } from "@seriousme/openapi-schema-validator";

const validator = new Validator();
const { valid, errors } = await validator.validate(JSON.parse(await text(process.stdin)));
console.log(JSON.stringify({ version: validator.version ?? null, valid, errors: errors ?? [] }));
