import type { LockedPackage } from '../../lock/lock-types.ts';

/** A part of a coordinate: nothing in it needs to be escaped in XML or in a path. */
const PART = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$/;

/** `group:artifact[:type[:classifier]]` and a version. */
export interface MavenCoordinate {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
  readonly type: string;
  readonly classifier?: string;
}

/** Undefined where a name or a version is none of Maven's. */
export function mavenCoordinate({
  name,
  version,
}: Pick<LockedPackage, 'name' | 'version'>): MavenCoordinate | undefined {
  const [group = '', artifact = '', type = 'jar', classifier, more] = name.split(':');
  const parts = [group, artifact, version, type, ...(classifier === undefined ? [] : [classifier])];
  if (more !== undefined || !parts.every((part) => PART.test(part))) return undefined;
  return { group, artifact, version, type, ...(classifier === undefined ? {} : { classifier }) };
}

/** A coordinate's elements, as a pom has them. */
export function coordinateXml({ group, artifact, version, type, classifier }: MavenCoordinate): string {
  return [
    `<groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>`,
    `<type>${type}</type>`,
    classifier === undefined ? '' : `<classifier>${classifier}</classifier>`,
  ].join('');
}

/** A pom of secplan's own around some elements; there is no parent, so nothing of another project's settings counts. */
export function pomXml(elements: string): string {
  return [
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>',
    '<groupId>dev.secplan</groupId><artifactId>tools</artifactId><version>1</version><packaging>pom</packaging>',
    elements,
    '</project>',
    '',
  ].join('\n');
}
