import type { SchemaError } from './validate.gen.js';

/**
 * A failed choice (oneOf, anyOf) comes with the errors of all its branches. Keeps the errors of the branches that have
 * the value's type; of a choice between required keys, the choice alone. Drops repetitions.
 */
export function reduceChoices(errors: readonly SchemaError[]): SchemaError[] {
  const dropped = new Set(errors.filter((error) => error.keyword === 'propertyNames'));
  for (const [index, choice] of errors.entries()) {
    if (choice.keyword !== 'oneOf' && choice.keyword !== 'anyOf') continue;
    const wrong = errors.some(
      (error) =>
        error.keyword === 'type' &&
        error.instancePath === choice.instancePath &&
        !error.schemaPath.startsWith(`${choice.schemaPath}/`),
    );
    const inside = errors.slice(0, index).filter((error) => isInside(error, choice));
    const own = inside.filter((error) => error.instancePath === choice.instancePath);
    const wrongType = new Set(
      own.filter((error) => error.keyword === 'type').map((error) => branch(error, choice)),
    );
    const meant = inside.filter((error) => !wrongType.has(branch(error, choice)));
    const betweenKeys = inside.every((error) => isRequiredBranch(error, choice));
    const keep = wrong || betweenKeys || meant.length === 0 ? [] : meant;
    for (const error of inside) if (!keep.includes(error)) dropped.add(error);
    if (wrong || keep.length > 0) dropped.add(choice);
  }
  const seen = new Set<string>();
  return errors.filter((error) => {
    const key = JSON.stringify([error.instancePath, error.keyword, error.propertyName, error.params]);
    if (dropped.has(error) || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function isInside(error: SchemaError, choice: SchemaError): boolean {
  const below =
    error.instancePath === choice.instancePath || error.instancePath.startsWith(`${choice.instancePath}/`);
  return below && error.schemaPath.startsWith(`${choice.schemaPath}/`);
}

function branch(error: SchemaError, choice: SchemaError): string {
  return error.schemaPath.slice(choice.schemaPath.length + 1).split('/', 1)[0] ?? '';
}

/** An error of a branch that holds nothing but `required`. */
function isRequiredBranch(error: SchemaError, choice: SchemaError): boolean {
  return error.schemaPath === `${choice.schemaPath}/${branch(error, choice)}/required`;
}
