/**
 * The name of a stage's files and folders, here and in a bundle: `<tool>` or `<tool>.<target>`. No tool's id has a dot,
 * so no two stages share a name, and a colon would end a path in a list of paths.
 */
export function stageFileName(stage: string): string {
  return stage.replace(':', '.');
}

/**
 * The name that a bundle's reports of one tool and target begin with. It does not depend on how many targets the tool
 * has, as a stage's id does: `<tool>` for the target that is called `source`, else `<tool>.<target>`.
 */
export function reportFileName(tool: string, target: string): string {
  return target === 'source' ? tool : `${tool}.${target}`;
}
