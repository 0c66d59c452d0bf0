/** Types of the artifacts that connect stages. A consumer without a producer is a compile error. */
export type ArtifactType =
  | 'sarif'
  | 'json'
  | 'jsonl'
  | 'xml'
  | 'text'
  | 'cyclonedx'
  | 'spdx'
  | 'database'
  | 'endpoint'
  | 'findings';
