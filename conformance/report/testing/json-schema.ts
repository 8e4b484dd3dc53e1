/**
 * Checks a value against a JSON schema (draft 2020-12), as far as the schema of reports goes: a keyword that is not known here throws.
 * @module
 */

/** A schema, or a part of one. */
export interface Schema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly title?: string;
  readonly description?: string;
  readonly type?: "object" | "array" | "string" | "number" | "integer" | "boolean";
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: false;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

const KEYWORDS = new Set([
  "$schema", "$id", "$ref", "$defs", "title", "description", "type", "const", "enum", "required", "properties", "additionalProperties", "items", "oneOf", "pattern", "minimum", "maximum",
]);

/** What is wrong with a value, a line each. */
export function errorsOf(root: Schema, value: unknown): string[] {
  return errorsAt(root, value, "", root);
}

function errorsAt(schema: Schema, value: unknown, path: string, root: Schema): string[] {
  const unknown = Object.keys(schema).filter((keyword) => !KEYWORDS.has(keyword));
  if (unknown.length > 0) throw new TypeError(`Cannot check "${path}": nothing here knows ${unknown.join(", ")}`);
  const found: string[] = [];
  const wrong = (what: string): void => void found.push(`${path || "/"}: ${what}`);
  if (schema.$ref !== undefined) found.push(...errorsAt(resolve(schema.$ref, root), value, path, root));
  if (schema.type !== undefined && !isOf(schema.type, value)) return [...found, `${path || "/"}: not of type ${schema.type}`];
  if ("const" in schema && value !== schema.const) wrong(`not ${JSON.stringify(schema.const)}`);
  if (schema.enum !== undefined && !schema.enum.includes(value)) wrong(`none of ${schema.enum.join(", ")}`);
  if (typeof value === "string" && schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(value)) wrong(`does not match ${schema.pattern}`);
  if (typeof value === "number" && (value < (schema.minimum ?? -Infinity) || value > (schema.maximum ?? Infinity))) wrong("out of range");
  if (Array.isArray(value) && schema.items !== undefined) found.push(...value.flatMap((item, at) => errorsAt(schema.items!, item, `${path}/${at}`, root)));
  if (isOf("object", value)) found.push(...errorsInObject(schema, value as Record<string, unknown>, path, root));
  const fitting = schema.oneOf?.filter((part) => errorsAt(part, value, path, root).length === 0).length ?? 1;
  if (fitting !== 1) wrong(`fits ${fitting} of the shapes`);
  return found;
}

function errorsInObject(schema: Schema, value: Record<string, unknown>, path: string, root: Schema): string[] {
  const { properties = {}, required = [] } = schema;
  return [
    ...required.filter((name) => !(name in value)).map((name) => `${path || "/"}: lacks ${name}`),
    ...Object.entries(value).flatMap(([name, part]) => {
      if (Object.hasOwn(properties, name)) return errorsAt(properties[name], part, `${path}/${name}`, root);
      return schema.additionalProperties === false ? [`${path}/${name}: nobody knows it`] : [];
    }),
  ];
}

function resolve(ref: string, root: Schema): Schema {
  const found = root.$defs?.[ref.replace("#/$defs/", "")];
  if (found === undefined) throw new TypeError(`Cannot check: there is no ${ref}`);
  return found;
}

function isOf(type: NonNullable<Schema["type"]>, value: unknown): boolean {
  switch (type) {
    case "object": return typeof value === "object" && value !== null && !Array.isArray(value);
    case "array": return Array.isArray(value);
    case "integer": return Number.isInteger(value);
    default: return typeof value === type;
  }
}
