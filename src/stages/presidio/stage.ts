import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** How many lines of each file are looked at, spread evenly; `true` for 200, `false` for all. */
  sample: z.union([z.boolean(), z.int().min(1).max(1_000_000_000)]).default(false),
  /** Kinds of personal data, as Presidio names them; empty for all it knows. */
  entities: z.array(z.string().regex(/^[A-Z][A-Z0-9_]{1,60}$/)).default([]),
  /** Hits that Presidio is less sure of are left out. From 0 to 1. */
  scoreThreshold: z.number().min(0).max(1).default(0.4),
  /** A spaCy model that is installed beside Presidio; it finds names, places and organisations. */
  model: z
    .string()
    .regex(/^[a-z]{2,3}_[a-z0-9_]{1,60}$/)
    .optional(),
  /** ISO 639-1 code of the samples' language. */
  language: z
    .string()
    .regex(/^[a-z]{2}$/)
    .default('en'),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'presidio',
  kind: 'scan',
  category: 'privacy',
  perFile: true,
  tool: {
    name: 'Presidio',
    homepage: 'https://microsoft.github.io/presidio/',
    license: 'MIT',
    status: 'active',
  },
  // The script is ours: what starts is the Python that Presidio is installed in.
  providers: [
    { name: 'pypi', runtime: 'local', kind: 'pypi', package: 'presidio-analyzer', bin: 'python' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'mcr.microsoft.com/presidio-analyzer',
      bin: 'python',
    },
  ],
  // All of a pack's files: one that cannot be read as text is said to be skipped, not left out silently.
  requires: { target: 'privacy', selection: { include: ['**'] } },
  outputs: [
    {
      name: 'report',
      type: 'json',
      mediaType: 'application/json',
      file: 'presidio.json',
      publishAs: 'privacy/{target}.json',
    },
  ],
  faults: [{ in: 'stderr', pattern: '^Traceback ', meaning: 'the script failed' }],
  assets: { script: 'src/stages/presidio/assets/scan.py' },
  timeoutMs: 300_000,
  expectedMs: 3_000,
  resources: { cpus: 1, memoryMb: 1024 },
  // By entity. High: alone enough for fraud or protected by law; medium: leads to a person; low: only with more.
  severities: {
    credit_card: 'high',
    iban_code: 'high',
    us_bank_number: 'high',
    us_itin: 'high',
    us_passport: 'high',
    us_ssn: 'high',
    medical_license: 'medium',
    uk_nhs: 'high',
    crypto: 'medium',
    email_address: 'medium',
    person: 'medium',
    phone_number: 'medium',
    us_driver_license: 'medium',
    ip_address: 'low',
    location: 'low',
    mac_address: 'low',
    nrp: 'high',
    organization: 'low',
    date_time: 'info',
    url: 'info',
    uuid: 'info',
  },
};
