// Generated from schema/manifest.schema.json by scripts/gen-manifest.ts. Do not edit.
export interface SchemaError {
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly propertyName?: string;
  readonly message?: string;
}
export interface Validator {
  (value: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}
export declare const validateManifest: Validator;
export declare const validatePolicyFile: Validator;
/** The schema that was compiled, as JSON. */
export declare const schemaText: string;
